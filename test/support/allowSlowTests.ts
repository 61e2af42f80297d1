// A busy machine must not fail a test that would pass: jest takes no such limit per project.
jest.setTimeout(60_000);
