import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ICredentialType, INodeType } from 'n8n-workflow';

const ROOT = path.resolve(__dirname, '..', '..');
const FOLDER = path.join(ROOT, 'credentials');
const CLASSES = readdirSync(FOLDER)
	.filter((file) => file.endsWith('.credentials.ts'))
	.map((file) => file.replace('.credentials.ts', ''));
/** Field names that hold something nobody may read over a shoulder. */
const SECRET = /password|secret|token|key$|kubeconfig/i;

const packageJson = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
	n8n: { nodes: string[]; credentials: string[] };
};

async function load<T>(file: string, name: string): Promise<T> {
	const exported = (await import(file)) as Record<string, new () => T>;
	const Class = exported[name];
	if (!Class) throw new Error(`${file} exports no class ${name}`);
	return new Class();
}

const credentialOf = async (name: string): Promise<ICredentialType> =>
	await load<ICredentialType>(path.join(FOLDER, `${name}.credentials.ts`), name);

async function loadNodes(): Promise<INodeType[]> {
	return await Promise.all(
		packageJson.n8n.nodes.map(async (file) => {
			const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
			return await load<INodeType>(path.join(ROOT, source), path.basename(source, '.node.ts'));
		}),
	);
}

it('package.json registers every credential, and no other', () => {
	const registered = packageJson.n8n.credentials.map((file) => path.basename(file, '.credentials.js'));
	expect(registered.sort()).toEqual([...CLASSES].sort());
});

describe.each(CLASSES)('%s', (name) => {
	let credential: ICredentialType;
	beforeAll(async () => {
		credential = await credentialOf(name);
	});

	it('is named like its file', () => {
		expect(credential.name).toBe(name.charAt(0).toLowerCase() + name.slice(1));
		expect(credential.displayName).not.toBe('');
	});

	it('hides every field that holds a secret, and ships none', () => {
		const secrets = credential.properties.filter((field) => SECRET.test(field.name));
		expect(secrets.length).toBeGreaterThan(0);
		expect(secrets.map((field) => [field.name, field.typeOptions?.password, field.default])).toEqual(
			secrets.map((field) => [field.name, true, '']),
		);
	});

	it('has an icon for light and for dark, and a page to read', () => {
		const { icon } = credential;
		const icons = typeof icon === 'object' ? [icon.light, icon.dark] : [];
		expect(icons).toHaveLength(2);
		for (const file of icons) expect(existsSync(path.join(FOLDER, file.replace('file:', '')))).toBe(true);
		expect(credential.documentationUrl).toMatch(/^https:\/\//);
	});

	it('is tested by a node that takes it and has the test', async () => {
		const testers = (await loadNodes()).flatMap((node) =>
			(node.description.credentials ?? [])
				.filter((taken) => taken.name === credential.name && taken.testedBy !== undefined)
				.map(({ testedBy }) => typeof testedBy === 'string' && node.methods?.credentialTest?.[testedBy]),
		);
		expect(credential.test !== undefined || testers.length > 0).toBe(true);
		for (const tester of testers) expect(tester).toBeInstanceOf(Function);
	});
});

it('a node asks for no credential that neither the package nor n8n has', async () => {
	const own = await Promise.all(CLASSES.map(async (name) => (await credentialOf(name)).name));
	const asked = (await loadNodes()).flatMap(({ description }) =>
		(description.credentials ?? []).map(({ name }) => name),
	);
	const foreign = [...new Set(asked)].filter((name) => !own.includes(name)).sort();
	expect(foreign).toEqual(
		['httpBasicAuth', 'httpHeaderAuth', 'postgres', 'redis', 's3'].filter((name) => asked.includes(name)),
	);
});
