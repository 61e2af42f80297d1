import type { Labels } from '../model';

/**
 * Glossary. An *owner* is whoever writes a field again that a release writes: GitOps puts back what is in git, a mesh routes past the
 * Service, an autoscaler chooses the replicas. A *finding* names owner, object and remedy; operators *accept* one by its name once they
 * have told the owner to leave the field alone.
 */
export type OwnerKind = 'gitops' | 'apply' | 'mesh' | 'argo-rollout' | 'autoscaler' | 'undeclared';

export interface Finding {
	/** By which it is accepted, e.g. `gitops:Service/api`. */
	readonly name: string;
	readonly kind: OwnerKind;
	/** e.g. `Service/api`. */
	readonly object: string;
	readonly problem: string;
	readonly remedy: string;
}

/** Who wrote which fields of an object. */
export interface FieldManager {
	readonly manager: string;
	/** `Apply` (server-side apply, which comes again) or `Update`. */
	readonly operation: string;
	/** e.g. `spec.selector.color`, `spec.template.spec.containers[app].image`. */
	readonly fields: readonly string[];
}

/** What tells who looks after an object. */
export interface Management {
	/** e.g. `Service/api`. */
	readonly object: string;
	readonly labels: Labels;
	readonly annotations: Labels;
	readonly managers: readonly FieldManager[];
}

/** A workload of the namespace, of whatever kind, with the images it runs. */
export interface RunningWorkload {
	/** e.g. `CronJob/nightly`. */
	readonly object: string;
	readonly images: readonly string[];
}

/** A part of the release set that blue-green does not move, with the role it plays. */
export interface DeclaredWorkload {
	/** e.g. `Deployment/case-worker`. */
	readonly object: string;
	readonly role: 'worker' | 'cron' | 'singleton' | 'stateful';
}

/** An object of a kind that only some clusters have. */
export interface ForeignObject {
	/** e.g. `VirtualService/api`. */
	readonly object: string;
	readonly spec: unknown;
}

/** An autoscaler or a ScaledObject. */
export interface Scaler {
	/** e.g. `ScaledObject/api`. */
	readonly object: string;
	readonly deployment: string;
	readonly least: number;
	readonly most: number;
}
