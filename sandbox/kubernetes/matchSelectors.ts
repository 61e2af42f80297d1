import { badRequest } from './apiError.ts';
import type { ApiObject, LabelSelector } from './model.ts';
import type { Resource } from './resources.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether labels satisfy a workload's selector. An empty selector matches everything, as in the API. */
export function matchesLabelSelector(selector: LabelSelector, labels: Labels): boolean {
	return (
		matchesLabels(selector.matchLabels ?? {}, labels) &&
		(selector.matchExpressions ?? []).every((expression) => {
			const value = labels?.[expression.key];
			switch (expression.operator) {
				case 'In':
					return value !== undefined && (expression.values ?? []).includes(value);
				case 'NotIn':
					return value === undefined || !(expression.values ?? []).includes(value);
				case 'Exists':
					return value !== undefined;
				default:
					return value === undefined;
			}
		})
	);
}

/** Whether labels hold all the given pairs (a Service's selector). */
export function matchesLabels(wanted: Readonly<Record<string, string>>, labels: Labels): boolean {
	return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

/** The text form of a workload's selector, as the Scale subresource shows it: `app=a,color in (blue,green)`. */
export function formatLabelSelector(selector: LabelSelector): string {
	const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
	const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
		if (operator === 'Exists') return key;
		if (operator === 'DoesNotExist') return `!${key}`;
		return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
	});
	return [...pairs.sort(), ...expressions].join(',');
}

/** Compiles the query parameter `labelSelector`; throws 400 when it cannot be parsed. */
export function parseLabelSelector(text: string): (object: ApiObject) => boolean {
	const tests = splitRequirements(text).map(parseRequirement);
	return (object) => tests.every((test) => test(object.metadata.labels));
}

function splitRequirements(text: string): string[] {
	return text
		.split(/,(?![^(]*\))/)
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

function parseRequirement(text: string): (labels: Labels) => boolean {
	const key = '([A-Za-z0-9./_-]+)';
	const set = new RegExp(`^${key}\\s+(in|notin)\\s*\\(([^)]*)\\)$`).exec(text);
	if (set) {
		const values = (set[3] ?? '').split(',').map((value) => value.trim());
		const inside = (labels: Labels) =>
			labels?.[set[1] ?? ''] !== undefined && values.includes(labels[set[1] ?? ''] ?? '');
		return set[2] === 'in' ? inside : (labels) => !inside(labels);
	}
	const pair = new RegExp(`^${key}\\s*(==|=|!=)\\s*([A-Za-z0-9._-]*)$`).exec(text);
	if (pair) {
		const equal = (labels: Labels) => labels?.[pair[1] ?? ''] === pair[3];
		return pair[2] === '!=' ? (labels) => !equal(labels) : equal;
	}
	const exists = new RegExp(`^(!?)\\s*${key}$`).exec(text);
	if (exists) return (labels) => (labels?.[exists[2] ?? ''] !== undefined) === (exists[1] === '');
	throw badRequest(`unable to parse requirement: ${text}`);
}

/** Compiles the query parameter `fieldSelector`; throws 400 for a field that this kind cannot be selected by. */
export function parseFieldSelector(resource: Resource, text: string): (object: ApiObject) => boolean {
	const tests = text
		.split(',')
		.filter((part) => part.trim() !== '')
		.map((part) => {
			const match = /^\s*([A-Za-z.]+)\s*(==|=|!=)(.*)$/.exec(part);
			if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
			const field = match[1] ?? '';
			if (!isSelectable(resource, field)) throw badRequest(`field label not supported: ${field}`);
			return (object: ApiObject) =>
				(fieldValue(object, field) === (match[3] ?? '').trim()) === (match[2] !== '!=');
		});
	return (object) => tests.every((test) => test(object));
}

function isSelectable(resource: Resource, field: string): boolean {
	return field === 'metadata.name' || field === 'metadata.namespace' || resource.selectableFields.includes(field);
}

function fieldValue(object: ApiObject, path: string): string {
	let value: unknown = object;
	for (const part of path.split('.')) {
		value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[part] : undefined;
	}
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
