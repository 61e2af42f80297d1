/** docs/errors.md: every code with what happened, why, and what to do. `definitions`: by full code. */
export function documentErrors(definitions) {
	const codes = Object.keys(definitions).sort();
	const domains = [...new Set(codes.map((code) => code.split('.')[0]))];
	return [
		'# Error codes',
		'',
		'Every error of the package carries one of these codes. Texts in braces are filled in where the error happens. Written by `npm run docs` from `lib/**/errors.ts`.',
		'',
		...domains.flatMap((domain) => [
			`## ${domain}`,
			'',
			...codes
				.filter((code) => code.startsWith(`${domain}.`))
				.flatMap((code) => documentError(code, definitions[code])),
		]),
	].join('\n');
}

function documentError(code, { message, why, fix, retryable }) {
	return [
		`### ${code}`,
		'',
		`- **What happened:** ${message}`,
		`- **Why:** ${why}`,
		`- **What to do:** ${fix}`,
		...(retryable ? ['- The same call may succeed a moment later.'] : []),
		'',
	];
}
