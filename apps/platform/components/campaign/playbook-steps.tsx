import type { Playbook } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";

/** What a playbook will do, before anybody commits to it. */
export function PlaybookSteps({ playbook }: { playbook: Playbook | undefined }) {
  if (!playbook) return null;
  return (
    <div className="grid gap-2 rounded-md border border-line bg-sunken p-3">
      <p>{playbook.description}</p>
      <ol aria-label="Steps" className="flex flex-wrap gap-x-1 gap-y-1 text-xs">
        {playbook.nodes.map((n, i) => (
          <li key={n} className="flex items-center gap-1">
            {i > 0 ? <span aria-hidden className="text-muted">→</span> : null}
            <span className="rounded-sm border border-line bg-raised px-1.5 leading-5">{n}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
