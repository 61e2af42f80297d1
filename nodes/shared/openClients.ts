import type { IExecuteFunctions } from 'n8n-workflow';
import type { CredentialOpener } from './credentialOpener';

/** Clients of one node execution: opened on first use, closed together. */
export class OpenClients {
	readonly secrets: string[] = [];
	itemIndex = 0;
	readonly #context: IExecuteFunctions;
	/** By the opener: one credential may be opened as several clients. */
	readonly #opened = new Map<object, Promise<{ readonly client: unknown; close?(): Promise<void> }>>();

	constructor(context: IExecuteFunctions) {
		this.#context = context;
	}

	async open<Client>(opener: CredentialOpener<Client>): Promise<Client> {
		const opened = this.#opened.get(opener) ?? this.#connect(opener);
		this.#opened.set(opener, opened);
		return (await opened).client as Client;
	}

	async close(): Promise<void> {
		const opened = [...this.#opened.values()];
		this.#opened.clear();
		await Promise.allSettled(opened.map(async (entry) => await (await entry).close?.()));
	}

	async #connect<Client>(
		opener: CredentialOpener<Client>,
	): Promise<{ readonly client: unknown; close?(): Promise<void> }> {
		const data = await this.#context.getCredentials(opener.credential, this.itemIndex);
		this.secrets.push(...opener.secrets(data).filter((secret) => secret !== ''));
		return await opener.open(data);
	}
}
