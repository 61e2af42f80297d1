import type { VNode } from 'preact';
import { Migrations } from './cardMigrations';
import { shortImage } from './format';
import type { BoundEvidence, Evidence, ShownEvidence } from './model';

/** What the release replaces: version, commit, images and migrations. */
export function Changes({ bound, shown }: Evidence): VNode {
	return (
		<section aria-labelledby="changes">
			<h2 id="changes">What changes</h2>
			<dl>
				<dt>Version</dt>
				<dd>
					{shown.from?.version ? `${shown.from.version} → ` : ''}
					<b>{bound.version}</b>
				</dd>
				{bound.commit === '' ? null : (
					<>
						<dt>Commit</dt>
						<dd class="mono">{bound.commit.slice(0, 12)}</dd>
					</>
				)}
				<dt>Started by</dt>
				<dd>{shown.startedBy}</dd>
			</dl>
			<Images to={bound.images} from={shown.from} />
			<Migrations migrations={bound.migrations} risks={shown.risks} rehearsal={shown.rehearsal} />
		</section>
	);
}

function Images({ to, from }: { readonly to: BoundEvidence['images']; readonly from: ShownEvidence['from'] }): VNode {
	const before = (workload: string): string => {
		const image = from?.images.find((one) => one.workload === workload)?.image;
		return image === undefined ? 'unknown' : shortImage(image);
	};
	return (
		<>
			<h3>Images</h3>
			<ul>
				{to.map(({ workload, image }) => (
					<li>
						{workload}
						<br />
						<span class="mono">
							<span class="soft">{before(workload)}</span> → {shortImage(image)}
						</span>
					</li>
				))}
			</ul>
		</>
	);
}
