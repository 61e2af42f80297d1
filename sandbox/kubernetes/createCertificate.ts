import { generate } from 'selfsigned';

/** A certificate for loopback, and its key, as PEM. It signs itself: it is also the authority that clients verify it by. */
export function createCertificate(): Promise<{ cert: string; private: string }> {
	const day = 24 * 60 * 60 * 1000;
	return generate([{ name: 'commonName', value: 'kubernetes' }], {
		keyType: 'ec',
		algorithm: 'sha256',
		notAfterDate: new Date(Date.now() + 30 * day),
		extensions: [
			{ name: 'basicConstraints', cA: true, critical: true },
			{ name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' },
				],
			},
		],
	});
}
