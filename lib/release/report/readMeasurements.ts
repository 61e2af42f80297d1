import type { Verdict } from '../../support/verdict';
import type { Json, StepRecord } from '../model';
import { describeBytes, describeCount, describeDuration, describeSeconds, describeShare } from './describeText';
import { numberOf, objectOf, objectsOf, textOf, type JsonObject } from './jsonFields';
import type { Measurement } from './model';

/**
 * The numbers and answers that a step judged, told from the shape of what it recorded. A step of an unknown shape gives none; its
 * record is in the report as it is.
 */
export function readMeasurements({ result, evidence, state }: StepRecord): Measurement[] {
	const record = objectOf(result);
	return [
		...readMetric(record, verdictOf(state)),
		...objectsOf(record.targets).map(readTarget),
		...readHeld(record),
		...objectsOf(record.workloads).flatMap(readWorkload),
		...readBackup(record, verdictOf(state)),
		...readMigrations(record),
		...objectsOf(objectOf(evidence).measurements).map(readDeclared),
		...readUnproven(record),
	];
}

/** A step passes, too, where the operators have nothing of what it checks, and where it is only tried: that is said. */
function readUnproven({ configured, dryRun, wouldBe, reason }: JsonObject): Measurement[] {
	const line = { value: 'nothing', limit: '', query: '', reason: textOf(reason) };
	if (dryRun === true)
		return [
			{ ...line, subject: 'Dry run: it proves nothing', value: `would be ${textOf(wouldBe)}`, verdict: null },
		];
	return configured === false ? [{ ...line, subject: 'Not checked', verdict: null }] : [];
}

/** A measurement that an operation declared itself, under `evidence.measurements`. */
function readDeclared(entry: JsonObject): Measurement {
	return {
		subject: textOf(entry.subject),
		value: plain(entry.value),
		limit: plain(entry.limit),
		query: textOf(entry.query),
		verdict: verdictOf(entry.verdict),
		reason: textOf(entry.reason),
	};
}

function readMetric(record: JsonObject, verdict: Verdict | null): Measurement[] {
	if (textOf(record.query) === '' || textOf(record.metric) === '') return [];
	const quantile = numberOf(objectOf(record.limits).quantile);
	const describe = quantile === undefined ? describeShare : describeSeconds;
	const [value, limit] = [numberOf(record.value), numberOf(record.limit)];
	const requests = numberOf(record.requests);
	const traffic = requests === undefined ? '' : ` of ${describeCount(requests, 'request')}`;
	return [
		{
			subject: `${quantile === undefined ? 'Error rate' : `Response time, ${describeShare(quantile)} quantile`}${about(record.target)}`,
			value:
				value === undefined ? '' : `${record.atLeast === true ? 'at least ' : ''}${describe(value)}${traffic}`,
			limit:
				limit === undefined
					? ''
					: `${verdict === 'failed' && quantile === undefined ? 'fails above' : 'at most'} ${describe(limit)}`,
			query: textOf(record.query),
			verdict,
			reason: textOf(record.reason),
		},
	];
}

function readTarget(target: JsonObject): Measurement {
	const status = numberOf(target.status);
	const [succeeded, attempted] = [numberOf(target.succeeded), numberOf(target.attempted)];
	const durationMs = numberOf(target.durationMs);
	const facts = objectOf(target.facts);
	const [used, allowed] = [numberOf(facts.connectionsUsed), numberOf(facts.connectionsAllowed)];
	const reason = textOf(target.reason);
	const value = [
		status === undefined ? '' : `HTTP ${status}`,
		used === undefined || allowed === undefined || reason.includes(`${used} of ${allowed}`)
			? ''
			: `${used} of ${allowed} connections`,
		attempted === undefined ? '' : `${succeeded ?? 0} of ${describeCount(attempted, 'probe')} good`,
		durationMs === undefined ? '' : `answered in ${describeDuration(durationMs)}`,
	];
	const found = value.filter((part) => part !== '').join(', ');
	return {
		subject: textOf(target.name),
		value: found,
		limit: plain(target.limit),
		query: textOf(target.url),
		verdict: verdictOf(target.verdict),
		reason,
	};
}

function readHeld(record: JsonObject): Measurement[] {
	const held = objectOf(record.held);
	const forMs = numberOf(held.forMs);
	if (forMs === undefined) return [];
	const samples = numberOf(record.sampled) ?? numberOf(held.samples) ?? 0;
	return [
		{
			subject: 'Breach held',
			value: `${textOf(held.state) || 'unknown'}: ${describeDuration(forMs)} over ${describeCount(samples, 'sample')}`,
			limit: plain(held.limit),
			query: '',
			verdict: null,
			reason: textOf(held.reason),
		},
	];
}

function readWorkload(workload: JsonObject): Measurement[] {
	const verdict = verdictOf(workload.verdict);
	if (verdict === null) return [];
	const waitedMs = numberOf(workload.waitedMs);
	return [
		{
			subject: textOf(workload.service),
			value: waitedMs === undefined ? '' : `waited ${describeDuration(waitedMs)}`,
			limit: textOf(workload.digest) === '' ? '' : `runs ${shortDigest(textOf(workload.digest))}`,
			query: textOf(workload.deployment) === '' ? '' : `deployment/${textOf(workload.deployment)}`,
			verdict,
			reason: [textOf(workload.reason), textOf(workload.lastLogLine)].filter((part) => part !== '').join(': '),
		},
	];
}

function readBackup(record: JsonObject, verdict: Verdict | null): Measurement[] {
	const differences = numberOf(record.differenceCount);
	if (textOf(record.backupId) === '' || differences === undefined) return [];
	const query = `s3://${textOf(record.bucket)}/${textOf(record.key)}`;
	const line = (subject: string, value: string, limit: string, judged: Verdict | null): Measurement => ({
		subject,
		value,
		limit,
		query,
		verdict: judged,
		reason: '',
	});
	const [tables, rows, sizeBytes] = [
		numberOf(record.tables) ?? 0,
		numberOf(record.rows) ?? 0,
		numberOf(record.sizeBytes) ?? 0,
	];
	const sha256 = textOf(record.sha256);
	const reasons = objectsOf(record.reasons).map(({ code, message }) => `${textOf(code)}: ${textOf(message)}`);
	return [
		{
			...line('Archive read back', describeBytes(sizeBytes), '', null),
			reason: sha256 === '' ? '' : `sha256 ${sha256}`,
		},
		{
			...line(
				'Differences after restoring',
				`${differences} in ${describeCount(tables, 'table')}, ${describeCount(rows, 'row')}`,
				'0',
				verdict,
			),
			reason: reasons.join('; '),
		},
	];
}

function readMigrations(record: JsonObject): Measurement[] {
	if (!Array.isArray(record.pending) || !Array.isArray(record.problems)) return [];
	const pending = objectsOf(record.pending).map(({ name }) => textOf(name));
	const query = textOf(record.migrationsFolder);
	const base = { limit: '', query, verdict: null, reason: '' };
	return [
		{ ...base, subject: 'Pending migrations', value: pending.length === 0 ? 'none' : pending.join(', ') },
		...objectsOf(record.problems).map((problem) => ({
			...base,
			subject: `Problem: ${textOf(problem.kind)}`,
			value: textOf(problem.text),
			verdict: verdictOf(problem.severity),
		})),
	];
}

/** Enough of a digest to know it again; the record holds it whole. */
function shortDigest(digest: string): string {
	return digest.length > 24 ? `${digest.slice(0, 19)}…` : digest;
}

function about(target: Json | undefined): string {
	return textOf(target) === '' ? '' : `, ${textOf(target)}`;
}

function plain(value: Json | undefined): string {
	if (typeof value === 'string') return value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function verdictOf(value: Json | undefined): Verdict | null {
	return value === 'passed' || value === 'failed' || value === 'inconclusive' ? value : null;
}
