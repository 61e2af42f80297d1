import type { ComponentChildren } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { CARD_SCRIPT } from './cardScript';
import { PAGE_STYLE } from './pageStyle';

export interface Page {
	readonly title: string;
	readonly children: ComponentChildren;
	/** Allows the card's own script. Absent: the page has none. */
	readonly nonce?: string;
}

/** A whole page as HTML: nothing of it is loaded from elsewhere. */
export function renderPage({ title, children, nonce }: Page): string {
	const markup = renderToStaticMarkup(
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex" />
				<meta name="color-scheme" content="light dark" />
				<title>{title}</title>
				<style dangerouslySetInnerHTML={{ __html: PAGE_STYLE }} />
			</head>
			<body>
				<main>{children}</main>
				{nonce === undefined ? null : (
					<script nonce={nonce} dangerouslySetInnerHTML={{ __html: CARD_SCRIPT }} />
				)}
			</body>
		</html>,
	);
	return `<!doctype html>${markup}`;
}

/** Headers of every page: it runs only its own script, is kept by nobody, and can be laid over by nobody. */
export function pageHeaders(nonce: string): Readonly<Record<string, string>> {
	return {
		'Content-Security-Policy':
			`default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		'Cache-Control': 'no-store',
		'Referrer-Policy': 'no-referrer',
		'X-Robots-Tag': 'noindex',
		'X-Content-Type-Options': 'nosniff',
		// Tells the card's script that the answer is ours and not n8n's own.
		'X-Approval-Gate': '1',
	};
}
