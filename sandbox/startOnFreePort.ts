import { reservePort } from './reservePort.ts';
import type { Daemon } from './startDaemon.ts';

/** Starts a program on a port that is free, on another one when somebody took it meanwhile. */
export async function startOnFreePort(
	start: (port: number) => Promise<Daemon>,
): Promise<{ readonly daemon: Daemon; readonly port: number }> {
	for (let attempt = 1; ; attempt++) {
		const port = await reservePort();
		try {
			return { daemon: await start(port), port };
		} catch (error) {
			const portTaken = error instanceof Error && /address already in use/i.test(error.message);
			if (!portTaken || attempt === 3) throw error;
		}
	}
}
