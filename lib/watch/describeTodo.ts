import type { AlertLevel } from '../release/watchStore';
import type { Todo } from './lookAround';
import { DECISION } from './model';

/** A todo as an item carries it: with what a page needs, in words. */
export type DescribedTodo = Todo & {
	readonly summary: string;
	/** As pagers know it. */
	readonly severity: 'info' | 'warning' | 'critical';
	/** Which incident it belongs to. */
	readonly dedupKey: string;
};

const SEVERITY: Readonly<Record<AlertLevel, DescribedTodo['severity']>> = {
	unknown: 'warning',
	warning: 'warning',
	critical: 'critical',
	rollback: 'critical',
};

export function describeTodo(todo: Todo): DescribedTodo {
	const { environment, reason } = todo;
	if (todo.kind === 'act') {
		const summary = `${environment}: ${todo.act} of release ${todo.releaseId}: ${reason}`;
		return { ...todo, summary, severity: 'critical', dedupKey: `${todo.releaseId}/${todo.act}` };
	}
	const { signal, level } = todo;
	const dedupKey = `${environment}/${signal}`;
	if (signal === DECISION) {
		const asks = todo.kind === 'page';
		const summary = asks ? `${environment}: a person must decide: ${reason}` : `${environment}: ${reason}`;
		return { ...todo, summary, severity: asks ? 'critical' : 'info', dedupKey };
	}
	if (todo.kind === 'resolve')
		return { ...todo, summary: `${environment}: ${signal} is calm again: ${reason}`, severity: 'info', dedupKey };
	const above = level === 'unknown' ? 'cannot be told' : `is above its ${level} limit`;
	return { ...todo, summary: `${environment}: ${signal} ${above}: ${reason}`, severity: SEVERITY[level], dedupKey };
}
