import { isIP } from 'node:net';
import { matchesLabelSelector } from './matchSelectors.ts';
import { validateUpdate } from './validateUpdate.ts';
import type { StatusCause } from './apiError.ts';
import type { ApiObject, Container, EndpointSlice, LabelSelector, PodSpec, PodTemplate, Service } from './model.ts';
import type { Resource } from './resources.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** The rules an object of this kind breaks; `previous` is the stored object when this is an update. */
export function validateObject(resource: Resource, object: ApiObject, previous?: ApiObject): StatusCause[] {
	return [
		...validateName(resource, object),
		...validateLabels(object.metadata.labels, 'metadata.labels'),
		...validateSpec(resource, object),
		...(previous ? validateUpdate(resource, object, previous) : []),
	];
}

function validateName(resource: Resource, { metadata: { name } }: ApiObject): StatusCause[] {
	const strict = resource.kind === 'Namespace' || resource.kind === 'Service';
	const fits = strict ? label.test(name) && name.length <= 63 : subdomain.test(name) && name.length <= 253;
	return fits
		? []
		: [
				wrong(
					'metadata.name',
					name,
					`a lowercase RFC 1123 ${strict ? 'label' : 'subdomain'} must consist of lower case \
alphanumeric characters${strict ? " or '-'" : ", '-' or '.'"}, and must start and end with an alphanumeric character`,
				),
			];
}

function validateLabels(labels: Record<string, string> | undefined, field: string): StatusCause[] {
	return Object.values(labels ?? {})
		.filter((value) => !labelValue.test(value) || value.length > 63)
		.map((value) =>
			wrong(field, value, 'a valid label must be an empty string or consist of alphanumeric characters'),
		);
}

function validateSpec(resource: Resource, object: ApiObject): StatusCause[] {
	const spec = object['spec'] as Record<string, unknown> | undefined;
	switch (resource.kind) {
		case 'Deployment':
		case 'ReplicaSet':
			return spec
				? validateWorkload(spec)
				: [required('spec.selector'), required('spec.template.spec.containers')];
		case 'Job':
			return validateJob(spec);
		case 'Pod':
			return validatePodSpec(spec as PodSpec | undefined, 'spec');
		case 'Service':
			return validateService(object as Service);
		case 'EndpointSlice':
			return validateEndpointSlice(object as EndpointSlice);
		default:
			return [];
	}
}

function validateWorkload(spec: Record<string, unknown>): StatusCause[] {
	const causes: StatusCause[] = [];
	const replicas = spec['replicas'];
	if (typeof replicas === 'number' && replicas < 0) causes.push(notNegative('spec.replicas', replicas));
	const selector = spec['selector'] as LabelSelector | undefined;
	const template = spec['template'] as PodTemplate | undefined;
	const isEmpty =
		!selector || Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
	if (isEmpty) causes.push(required('spec.selector'));
	else if (!matchesLabelSelector(selector, template?.metadata?.labels)) {
		const labels = template?.metadata?.labels ?? {};
		causes.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
	}
	causes.push(...validateLabels(template?.metadata?.labels, 'spec.template.metadata.labels'));
	return [...causes, ...validatePodSpec(template?.spec, 'spec.template.spec')];
}

function validateJob(spec: Record<string, unknown> | undefined): StatusCause[] {
	const template = spec?.['template'] as PodTemplate | undefined;
	const causes = validatePodSpec(template?.spec, 'spec.template.spec');
	const policy = template?.spec['restartPolicy'];
	if (policy === 'Never' || policy === 'OnFailure') return causes;
	const field = 'spec.template.spec.restartPolicy';
	const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "OnFailure", "Never"`;
	return [...causes, { reason: 'FieldValueNotSupported', message, field }];
}

function validatePodSpec(spec: PodSpec | undefined, path: string): StatusCause[] {
	if (!spec?.containers?.length) return [required(`${path}.containers`)];
	const names = spec.containers.map((container) => container.name);
	return spec.containers.flatMap((container, index) => {
		const field = `${path}.containers[${index}]`;
		const causes = validateContainer(container, field);
		if (names.indexOf(container.name) !== index) {
			causes.push({
				reason: 'FieldValueDuplicate',
				message: `Duplicate value: "${container.name}"`,
				field: `${field}.name`,
			});
		}
		return causes;
	});
}

function validateContainer(container: Container, field: string): StatusCause[] {
	const causes: StatusCause[] = [];
	if (!container.name) causes.push(required(`${field}.name`));
	else if (!label.test(container.name))
		causes.push(wrong(`${field}.name`, container.name, 'a lowercase RFC 1123 label'));
	if (!container.image) causes.push(required(`${field}.image`));
	else if (container.image !== container.image.trim()) {
		causes.push(wrong(`${field}.image`, container.image, 'must not have leading or trailing whitespace'));
	}
	for (const [index, port] of (container.ports ?? []).entries()) {
		if (!isPort(port.containerPort))
			causes.push(notPort(`${field}.ports[${index}].containerPort`, port.containerPort));
	}
	return causes;
}

function validateService({ spec }: Service): StatusCause[] {
	const ports = spec?.ports ?? [];
	if (ports.length === 0 && spec?.clusterIP !== 'None') return [required('spec.ports')];
	return ports.flatMap((port, index) => [
		...(isPort(port.port) ? [] : [notPort(`spec.ports[${index}].port`, port.port)]),
		...(ports.length > 1 && !port.name ? [required(`spec.ports[${index}].name`)] : []),
	]);
}

/** Loopback, link-local and multicast addresses are refused: they mean something else on every machine that reads them. */
function validateEndpointSlice(slice: EndpointSlice): StatusCause[] {
	if (!slice.addressType) return [required('addressType')];
	return (slice.endpoints ?? []).flatMap((endpoint, index) => {
		const field = `endpoints[${index}].addresses`;
		if (!endpoint.addresses?.length) return [required(field)];
		if (slice.addressType === 'FQDN') return [];
		return endpoint.addresses
			.filter((address) => !isEndpointAddress(address))
			.map((address) =>
				wrong(
					field,
					address,
					'must be a valid address that is not unspecified, loopback, link-local or multicast',
				),
			);
	});
}

/** Whether the API accepts this IP address as an endpoint's. */
export function isEndpointAddress(address: string): boolean {
	return isIP(address) !== 0 && !/^(0\.0\.0\.0$|127\.|169\.254\.|22[4-9]\.|23\d\.|::1?$|fe[89ab]|ff)/i.test(address);
}

function isPort(port: unknown): boolean {
	return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535;
}

function required(field: string): StatusCause {
	return { reason: 'FieldValueRequired', message: 'Required value', field };
}

function wrong(field: string, value: unknown, why: string): StatusCause {
	return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}

function notNegative(field: string, value: number): StatusCause {
	return wrong(field, value, 'must be greater than or equal to 0');
}

function notPort(field: string, value: unknown): StatusCause {
	return wrong(field, value, 'must be between 1 and 65535, inclusive');
}
