import type { ColumnFacts, SchemaFacts } from './model';

/** The database as far as it is known, with what the pending statements have added so far: nobody uses that yet. */
export class KnownSchema {
	readonly schema: string;
	readonly serverVersion: number;
	readonly #facts: SchemaFacts;
	readonly #newTables = new Set<string>();
	readonly #newColumns = new Set<string>();

	constructor(facts: SchemaFacts) {
		this.schema = facts.schema;
		this.serverVersion = facts.serverVersion;
		this.#facts = facts;
	}

	addTable(table: string): void {
		this.#newTables.add(table);
	}

	addColumn(table: string, column: string): void {
		this.#newColumns.add(`${table}.${column}`);
	}

	isNew(table: string): boolean {
		return this.#newTables.has(table);
	}

	/** Whether all of these columns came with this deployment, so that nobody writes them yet. */
	areNew(table: string, columns: readonly string[]): boolean {
		return (
			this.isNew(table) ||
			(columns.length > 0 && columns.every((column) => this.#newColumns.has(`${table}.${column}`)))
		);
	}

	column(table: string, column: string): ColumnFacts | undefined {
		return this.#facts.columns.get(`${table}.${column}`);
	}

	/** Bytes; null when the table is new or not known. */
	sizeOf(table: string | null): number | null {
		return table === null || this.isNew(table) ? null : (this.#facts.tableBytes.get(table) ?? null);
	}

	tableOfIndex(index: string): string | null {
		return this.#facts.indexTables.get(index) ?? null;
	}

	isVolatile(functionName: string): boolean {
		return this.#facts.volatileFunctions.has(functionName);
	}
}
