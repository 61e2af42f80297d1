import { createInterface } from 'node:readline';

/** What may be asked for, by name. */
export type Commands = Readonly<Record<string, () => Promise<void>>>;

/**
 * Lets the process that started us act on the sandbox: each line of input names a command. They run one after the other, and
 * each is answered by a line of JSON, `{"command": …, "error": …}`, without an error when it worked.
 */
export function obeyCommands(
	{ input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
	commands: Commands,
): void {
	let last = Promise.resolve();
	createInterface({ input }).on('line', (command) => {
		last = last.then(async () => {
			const error = await run(commands[command]);
			output.write(`${JSON.stringify({ command, ...(error === undefined ? {} : { error }) })}\n`);
		});
	});
}

async function run(command: (() => Promise<void>) | undefined): Promise<string | undefined> {
	if (!command) return 'there is no such command';
	try {
		await command();
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
