/** The part of sax that is used; the package brings no types. */
declare module 'sax' {
	/** With `strictEntities` only XML's own five entities and character references are known. */
	export function parser(strict: true, options: { readonly strictEntities: true }): SaxParser;

	export interface SaxParser {
		onerror: (error: Error) => void;
		ondoctype: (text: string) => void;
		onopentag: (tag: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }) => void;
		onclosetag: (name: string) => void;
		error: Error | null;
		write(text: string): SaxParser;
		close(): SaxParser;
	}
}
