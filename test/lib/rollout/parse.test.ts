import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
	parseIdleBefore,
	parseImages,
	parseRecord,
	parseWorkers,
	parseWorkloads,
} from '../../../lib/rollout/parseConfiguration';
import { parseConnection } from '../../../lib/rollout/parseConnection';
import { NEW, RECORD, REPOSITORY, WORKER, WORKER_RECORD, WORKLOAD } from './facts';

const refusal = (field: RegExp) =>
	expect.objectContaining({ code: 'PARAMETER.INVALID', message: expect.stringMatching(field) as unknown });

describe('the configuration', () => {
	it('is read from JSON text or from the value', () => {
		expect(parseWorkloads(JSON.stringify([WORKLOAD]))).toEqual([WORKLOAD]);
		expect(parseWorkloads([WORKLOAD])).toEqual([WORKLOAD]);
		expect(parseImages([{ workload: 'api', image: `${REPOSITORY}@${NEW}` }], [WORKLOAD])).toHaveLength(1);
		for (const given of [{ workloads: [RECORD] }, [RECORD], JSON.stringify({ workloads: [RECORD] })])
			expect(parseRecord(given)).toEqual({ workloads: [RECORD] });
		expect(parseIdleBefore(null)).toEqual([]);
	});
	it('of workers may be left out, and is part of the record when there are some', () => {
		for (const nothing of [undefined, null, '', ' ', '[]', []])
			expect(parseWorkers(nothing, [WORKLOAD])).toEqual([]);
		expect(parseWorkers(JSON.stringify([WORKER]), [WORKLOAD])).toEqual([WORKER]);
		const record = { workloads: [RECORD], workers: [WORKER_RECORD] };
		expect(parseRecord(record)).toEqual(record);
		expect(parseRecord({ ...record, workers: [] })).toEqual({ workloads: [RECORD] });
	});
	it.each([
		['no list', {}, /workers/],
		['no JSON', 'consumer', /workers/],
		['a role that does not move', [{ ...WORKER, role: 'cron' }], /workers\[0\]\.role/],
		['the image of a workload that is not there', [{ ...WORKER, workload: 'apo' }], /no workload "apo"/],
		['one twice', [WORKER, WORKER], /consumer is named twice/],
		[
			'one deployment for both colours',
			[{ ...WORKER, deployments: { blue: 'consumer-blue', green: 'consumer-blue' } }],
			/same deployment/,
		],
		[
			'a deployment that takes traffic',
			[{ ...WORKER, deployments: { blue: 'api-blue', green: 'consumer-green' } }],
			/api-blue is named twice/,
		],
		['the name of a workload', [{ ...WORKER, name: 'api' }], /api is named twice/],
	])('refuses workers: %s', (_name, value, field) =>
		expect(() => parseWorkers(value, [WORKLOAD])).toThrow(refusal(field)),
	);
	it.each([
		['workloads', 'not json', /workloads/],
		['no workload', [], /workloads/],
		['no container', [{ ...WORKLOAD, container: undefined }], /workloads\[0\]\.container/],
		['a name that is none', [{ ...WORKLOAD, service: 'api; rm' }], /workloads\[0\]\.service/],
		[
			'one deployment for both colours',
			[{ ...WORKLOAD, deployments: { blue: 'api', green: 'api' } }],
			/same deployment/,
		],
		['live and preview are one Service', [{ ...WORKLOAD, previewService: 'api' }], /own preview/],
		['an undeclared role', [{ ...WORKLOAD, role: undefined }], /role/],
		['a role that is not for blue-green', [{ ...WORKLOAD, role: 'worker' }], /"worker"/],
		['a service twice', [WORKLOAD, WORKLOAD], /twice/],
		['undefined', undefined, /workloads/],
	])('refuses workloads: %s', (_name, value, field) => expect(() => parseWorkloads(value)).toThrow(refusal(field)));
	it.each([
		['a tag', [{ workload: 'api', image: `${REPOSITORY}:1` }]],
		['a short digest', [{ workload: 'api', image: `${REPOSITORY}@sha256:abc` }]],
		['another repository', [{ workload: 'api', image: `elsewhere.example.com/api@${NEW}` }]],
		['an unknown workload', [{ workload: 'apo', image: `${REPOSITORY}@${NEW}` }]],
	])('refuses images: %s', (_name, value) => expect(() => parseImages(value, [WORKLOAD])).toThrow(refusal(/images/)));
	it.each([
		[{}],
		[[]],
		['x'],
		[[{ ...RECORD, liveColour: 'red' }]],
		[[{ ...RECORD, live: { ...RECORD.live, replicas: -1 } }]],
	])('refuses the record %j', (value) => expect(() => parseRecord(value)).toThrow(refusal(/record/)));
});

describe('the credential', () => {
	let pem: string;
	beforeAll(async () => {
		pem = (await generate([{ name: 'commonName', value: 'test' }], { algorithm: 'sha256' })).cert
			.replaceAll('\r', '')
			.trim();
	});
	const given = {
		serverUrl: ' https://kubernetes.example.com:6443/ ',
		certificateAuthority: '',
		bearerToken: ' abc.def ',
		namespace: ' ',
	};
	it('is trimmed and completed', () => {
		expect(parseConnection(given)).toEqual({
			serverUrl: 'https://kubernetes.example.com:6443',
			certificateAuthority: '',
			bearerToken: 'abc.def',
			namespace: 'default',
		});
	});
	it('takes a PEM that lost its line breaks, holds several, or is base64', () => {
		for (const text of [
			pem,
			pem.replaceAll('\n', ' '),
			pem.replaceAll('\n', '\\n'),
			Buffer.from(pem).toString('base64'),
		]) {
			expect(parseConnection({ ...given, certificateAuthority: text }).certificateAuthority.trim()).toBe(pem);
		}
		expect(
			parseConnection({ ...given, certificateAuthority: `${pem}\n${pem}` }).certificateAuthority.match(/BEGIN/g),
		).toHaveLength(2);
	});
	it.each([
		['no token', { bearerToken: '' }, /no bearer token/],
		['a token with a line break', { bearerToken: 'abc\r\nX: y' }, /never has/],
		['no URL', { serverUrl: 'kubernetes' }, /not a URL/],
		['plain http', { serverUrl: 'http://kubernetes.example.com' }, /not https/],
		['a user in the URL', { serverUrl: 'https://me:secret@kubernetes.example.com' }, /user or password/],
		['an authority that is no PEM', { certificateAuthority: 'hello' }, /not PEM/],
		[
			'a damaged PEM',
			{ certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
			/cannot be read/,
		],
	])('refuses %s', (_name, changes, message) => {
		expect(() => parseConnection({ ...given, ...changes })).toThrow(
			expect.objectContaining({
				code: 'ROLLOUT.CREDENTIAL_INVALID',
				message: expect.stringMatching(message) as unknown,
			}),
		);
	});
});
