import { z } from 'zod';
import type { ContinuousBackup, ReportTool } from './model';

/** The cluster that the report is asked about: pgBackRest's stanza, Barman's server. WAL-G has one for each storage prefix. */
export type ParsedReport = { readonly backup: ContinuousBackup } | { readonly problem: string };

const identifier = z.union([z.string().regex(/^\d+$/), z.number().int().safe().transform(String)]);
const seconds = z.coerce.number().positive();

const pgBackRest = z.array(
	z.object({
		name: z.string(),
		status: z.object({ code: z.number(), message: z.string() }),
		db: z.array(z.object({ id: z.number(), 'system-id': identifier })),
		backup: z.array(
			z.object({
				label: z.string(),
				error: z.boolean().optional(),
				timestamp: z.object({ stop: seconds }),
				database: z.object({ id: z.number() }),
			}),
		),
	}),
);

const walG = z.object({
	/** `wal-g backup-list --detail --json`. */
	backups: z.array(z.object({ backup_name: z.string(), finish_time: z.string(), system_identifier: identifier })),
	/** `wal-g wal-verify integrity timeline --json`. */
	verify: z.record(z.object({ status: z.string() })),
});

const check = z.record(z.record(z.object({ status: z.string(), hint: z.string().optional() })));
const barman = z.object({
	/** `barman -f json show-server NAME`. */
	server: z.record(z.object({ postgres_systemid: identifier.nullish(), systemid: identifier.nullish() })),
	/** `barman -f json check NAME`. */
	check,
	/** `barman -f json list-backups NAME`. */
	backups: z.record(
		z.array(z.object({ backup_id: z.string(), status: z.string(), end_time_timestamp: seconds.optional() })),
	),
});

const READERS: Readonly<Record<ReportTool, (report: unknown, name: string) => ParsedReport>> = {
	pgbackrest: readPgBackRest,
	walg: readWalG,
	barman: readBarman,
};

/** A tool's report as facts, or what is wrong with it. System identifiers exceed 2^53: they are read as text. */
export function parseReport(tool: ReportTool, text: string, name: string): ParsedReport {
	try {
		const exact = text.replaceAll(
			/("(?:system-id|system_identifier|systemid|postgres_systemid)"\s*:\s*)(\d+)(?![\d.eE])/g,
			'$1"$2"',
		);
		return READERS[tool](JSON.parse(exact), name);
	} catch (error) {
		if (error instanceof z.ZodError)
			return { problem: `${error.issues[0]?.path.join('.') || 'it'} is not as expected` };
		return { problem: 'it is not JSON' };
	}
}

function readPgBackRest(report: unknown, name: string): ParsedReport {
	const stanza = pgBackRest.parse(report).find((one) => one.name === name);
	if (!stanza) return { problem: `it has no stanza ${name}` };
	const database = stanza.db.reduce<(typeof stanza.db)[number] | undefined>(
		(newest, one) => (newest && newest.id > one.id ? newest : one),
		undefined,
	);
	const whole = stanza.backup.filter(({ error, database: { id } }) => error !== true && id === database?.id);
	return {
		backup: {
			systemIdentifier: database?.['system-id'] ?? null,
			base: newestOf(
				whole.map(({ label, timestamp }) => ({ label, finishedAt: new Date(timestamp.stop * 1000) })),
			),
			complaints: stanza.status.code === 0 ? [] : [stanza.status.message],
		},
	};
}

function readWalG(report: unknown): ParsedReport {
	const { backups, verify } = walG.parse(report);
	const bases = backups.map((one) => ({ label: one.backup_name, finishedAt: new Date(one.finish_time) }));
	if (bases.some(({ finishedAt }) => Number.isNaN(finishedAt.getTime())))
		return { problem: 'a finish_time is no time' };
	const base = newestOf(bases);
	const checks = Object.entries(verify);
	const failed = checks.filter(([, { status }]) => status !== 'OK').map(([what, { status }]) => `${what}: ${status}`);
	return {
		backup: {
			systemIdentifier: backups.find(({ backup_name }) => backup_name === base?.label)?.system_identifier ?? null,
			base,
			complaints: checks.length === 0 ? ['wal-verify checked nothing'] : failed,
		},
	};
}

function readBarman(report: unknown, name: string): ParsedReport {
	const { server, check: checks, backups } = barman.parse(report);
	const [facts, checked, listed] = [server[name], checks[name], backups[name]];
	if (!facts || !checked || !listed) return { problem: `it has no server ${name}` };
	const whole = listed.flatMap(({ backup_id, status, end_time_timestamp }) =>
		status === 'DONE' && end_time_timestamp !== undefined
			? [{ label: backup_id, finishedAt: new Date(end_time_timestamp * 1000) }]
			: [],
	);
	return {
		backup: {
			systemIdentifier: facts.postgres_systemid ?? facts.systemid ?? null,
			base: newestOf(whole),
			complaints: Object.entries(checked)
				.filter(([, { status }]) => status !== 'OK')
				.map(([what, { status, hint = '' }]) => `${what}: ${status}${hint === '' ? '' : ` (${hint})`}`),
		},
	};
}

function newestOf(
	bases: ReadonlyArray<{ readonly label: string; readonly finishedAt: Date }>,
): ContinuousBackup['base'] {
	return [...bases].sort((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime())[0] ?? null;
}
