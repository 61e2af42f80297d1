/** A HorizontalPodAutoscaler that scales a Deployment. */
export interface AutoscalerFacts {
	readonly name: string;
	/** Name of the Deployment that it scales. */
	readonly deployment: string;
	readonly least: number;
	readonly most: number;
}
