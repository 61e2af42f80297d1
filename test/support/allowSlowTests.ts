// Real services and n8n's own engine on a busy machine: jest takes no such limit per project.
jest.setTimeout(60_000);
