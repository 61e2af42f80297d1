import { databaseUrl } from '../../../../lib/validation/previousVersion/databaseUrl';

const SCRATCH = {
	host: 'scratch.example.com',
	port: 5432,
	database: 'scratch_r_1',
	user: 'scratch',
	password: 'p@ss/w?rd#%',
	ssl: 'require' as const,
};

it.each([
	['as the credential says', {}, 'scratch.example.com:5432'],
	['as pods find it', { host: 'scratch.databases.svc', port: 6432 }, 'scratch.databases.svc:6432'],
	['by an IPv6 address', { host: 'fd00::7' }, '[fd00::7]:5432'],
])('the address of the scratch database is given %s', (_, address, place) => {
	const url = databaseUrl(SCRATCH, 'public', address);
	expect(url).toBe(`postgresql://scratch:p%40ss%2Fw%3Frd%23%25@${place}/scratch_r_1?schema=public&sslmode=require`);
	expect(decodeURIComponent(new URL(url).password)).toBe(SCRATCH.password);
});
