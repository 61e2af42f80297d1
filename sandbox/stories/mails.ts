import type { World } from './world.ts';

export interface Mail {
	readonly to: string;
	readonly from: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	readonly receivedAt: string;
}

/** What the mailboxes got so far, oldest first. */
export async function readMails({ endpoints }: World): Promise<Mail[]> {
	return (await (await fetch(endpoints.mail.inboxUrl)).json()) as Mail[];
}

/** The approval link in a mail. */
export function linkIn({ text }: Mail): string {
	const link = /https?:\/\/\S+/.exec(text)?.[0];
	if (link === undefined) throw new Error('the mail holds no link');
	return link;
}
