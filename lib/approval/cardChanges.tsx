import type { VNode } from 'preact';
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
			<Migrations migrations={bound.migrations} />
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

function Migrations({ migrations }: Pick<BoundEvidence, 'migrations'>): VNode {
	return (
		<>
			<h3>Database</h3>
			{migrations === null ? (
				<p>No migration is left to approve here.</p>
			) : migrations.length === 0 ? (
				<p>No migration is pending: the schema stays as it is.</p>
			) : (
				<>
					<p>
						{migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`} will be applied:
					</p>
					<ul>
						{migrations.map(({ name, checksum }) => (
							<li>
								<span class="mono">{name}</span>
								<br />
								<span class="soft small">
									checksum <code>{checksum.slice(0, 12)}</code>
								</span>
							</li>
						))}
					</ul>
				</>
			)}
		</>
	);
}
