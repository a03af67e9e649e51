import type { Playbook } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { UserRoundCheck } from "lucide-react";

/** What the steps of the known playbooks do; another playbook's steps are shown by their names. */
const steps: Record<string, { title: string; does: string; perAccount?: true; gate?: true }> = {
  collect: { title: "Collect trends", does: "Reads your feeds. What comes from outside is marked, and stays marked." },
  recall: { title: "Recall what worked", does: "Looks up posts on the same subject and how they did." },
  draft: { title: "Draft the post", does: "Writes in the agent's voice, from the trends and your goal.", perAccount: true },
  publish: { title: "Publish", does: "Only the exact content that was approved goes out, once.", perAccount: true, gate: true },
  readback: { title: "Read it back", does: "Compares what the platform shows with what was approved.", perAccount: true },
  metrics: { title: "Take first metrics", does: "Counts likes, reposts and replies.", perAccount: true },
};

/** What a playbook will do, before anybody commits to it; accounts is how many were chosen. */
export function PlaybookSteps({ playbook, accounts }: { playbook: Playbook; accounts: number }) {
  return (
    <ol aria-label="Steps of the plan" className="relative grid gap-2 before:absolute before:inset-y-2 before:left-[9px] before:w-px before:bg-line-strong/50">
      {playbook.nodes.map((name) => {
        const step = steps[name];
        return [
          step?.gate ? (
            <li key={`${name} gate`} className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] gap-2">
              <span aria-hidden className="z-10 grid size-5 rotate-45 place-items-center rounded-[3px] border border-wait bg-wait-soft"><UserRoundCheck className="size-3 -rotate-45 text-wait" /></span>
              <p><span className="font-medium text-wait">A person approves</span>{accounts > 1 ? <span className="text-muted"> ×{accounts}</span> : null} <span className="block text-xs text-muted">Sees it as it will look, edits it, sends it back or refuses it.</span></p>
            </li>
          ) : null,
          <li key={name} className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] gap-2">
            <span aria-hidden className="z-10 mt-1 ml-1 size-3 rounded-full border-2 border-accent bg-surface" />
            <p><span className="font-medium">{step?.title ?? name}</span>{step?.perAccount && accounts > 1 ? <span className="text-muted"> ×{accounts}</span> : null} {step ? <span className="block text-xs text-muted">{step.does}</span> : null}</p>
          </li>,
        ];
      })}
    </ol>
  );
}
