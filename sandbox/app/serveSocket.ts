import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455, section 1.3. */
const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const textFrame = 0x81;
/** The length that still fits one byte. */
const longestText = 125;
const intervalMs = 250;

/**
 * A websocket on /live: tells the version four times a second until the client leaves or the process ends. It sends short texts and takes
 * nothing, so that it needs no more of the protocol than the handshake and one kind of frame.
 */
export function serveSocket(server: Server, version: string): void {
	const frame = textOf(version.slice(0, longestText));
	server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
		const key = request.headers['sec-websocket-key'];
		if (request.url !== '/live' || key === undefined) return void socket.destroy();
		const accept = createHash('sha1').update(`${key}${handshakeGuid}`).digest('base64');
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		);
		const timer = setInterval(() => socket.write(frame), intervalMs);
		const end = (): void => {
			clearInterval(timer);
			socket.destroy();
		};
		socket.once('close', end).once('error', end).once('end', end).resume();
	});
}

function textOf(text: string): Buffer {
	const payload = Buffer.from(text);
	return Buffer.concat([Buffer.from([textFrame, payload.length]), payload]);
}
