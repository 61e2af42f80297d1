import { renderToStaticMarkup } from 'preact-render-to-string';
import { formatTime, titleOf } from './format';
import type { Evidence, ShownOldCode } from './model';

export interface ApprovalMail {
	readonly subject: string;
	readonly text: string;
	readonly html: string;
}

export interface MailFacts {
	readonly evidence: Evidence;
	readonly name: string;
	readonly link: string;
	readonly expiresAt: Date;
	/** True for somebody who may only break the glass. */
	readonly emergencyOnly: boolean;
}

/** The short mail that brings an approver their link. */
export function writeMail({ evidence, name, link, expiresAt, emergencyOnly }: MailFacts): ApprovalMail {
	const { gate, version, environment } = evidence.bound;
	const { startedBy, whatFollows, oldCode } = evidence.shown;
	const subject = `${titleOf(gate)}: release ${version} to ${environment}?`;
	const asked = emergencyOnly
		? 'You may not decide on this release, as it is partly your own. In an emergency you can pass the gate alone, with a reason.'
		: 'Please look at the evidence and approve or reject.';
	const what = `${startedBy} wants to release version ${version} to ${environment}. ${whatFollows}${oldCode ? warning(oldCode) : ''}`;
	const until = `The link is yours alone and works once, until ${formatTime(expiresAt)}. Opening it decides nothing; silence is a no.`;
	const text = [`Hello ${name},`, what, asked, link, until].join('\n\n');
	return { subject: oneLine(subject), text, html: toHtml({ greeting: `Hello ${name},`, what, asked, link, until }) };
}

function warning({ passed, servesOn }: ShownOldCode): string {
	if (passed) return '';
	return servesOn
		? ' The version that serves is NOT proven to run without it.'
		: ' Rollback is NOT proven: nothing goes back by itself.';
}

function toHtml({
	greeting,
	what,
	asked,
	link,
	until,
}: Readonly<Record<'greeting' | 'what' | 'asked' | 'link' | 'until', string>>): string {
	const button =
		'display:inline-block;padding:14px 22px;border-radius:10px;background:#1f4e79;color:#ffffff;font-weight:bold;text-decoration:none';
	return renderToStaticMarkup(
		<div style="font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5;max-width:560px">
			<p>{greeting}</p>
			<p>{what}</p>
			<p>{asked}</p>
			<p>
				<a href={link} style={button}>
					Look at the release
				</a>
			</p>
			<p style="font-size:14px">{until}</p>
		</div>,
	);
}

/** A line feed would end the subject's header. */
function oneLine(text: string): string {
	return text.replaceAll(/\s+/g, ' ').trim();
}
