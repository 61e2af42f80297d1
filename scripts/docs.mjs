// Writes every generated page; with --check it only says which are out of date.
await import('./errors.mjs');
await import('./workflows/document.mjs');
