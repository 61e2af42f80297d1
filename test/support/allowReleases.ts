// A whole release, an n8n that is killed and started again.
jest.setTimeout(600_000);
