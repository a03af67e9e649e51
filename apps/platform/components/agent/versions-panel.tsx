"use client";
import { AgentService, type Agent, type PersonaVersion } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { useQueryStates } from "nuqs";
import { agentParams, versionsInput } from "@/app/t/[tenant]/agents/params";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { WordDiff } from "@/components/review/word-diff";
import { Select } from "@/components/ui/field";
import { cn } from "@/components/ui/classes";
import { usePages } from "@/lib/rpc/use-pages";
import { personaRows, PersonaText } from "./persona-text";

/** All versions, and what the chosen one changed against the one before it or any other. */
export function VersionsPanel({ agent }: { agent: Agent }) {
  const [url, setUrl] = useQueryStates(agentParams);
  const pages = usePages(AgentService.method.listPersonaVersions, versionsInput(agent.id));
  return (
    <Panel title="Versions">
      <Loaded query={pages} skeleton={<Skeletons rows={4} />}>
        {(data) => {
          const versions = data.pages.flatMap((p) => p.versions);
          const shown = versions.find((v) => String(v.version) === url.version) ?? versions[0];
          const older = versions.find((v) => String(v.version) === (url.against ?? String((shown?.version ?? 0) - 1)));
          return (
            <>
              <ol aria-label="Versions, newest first" className="scroll-thin max-h-60 divide-y divide-line overflow-y-auto border-b border-line">
                {versions.map((v) => (
                  <li key={v.version}>
                    <button type="button" aria-current={v === shown ? "true" : undefined} onClick={() => void setUrl({ version: String(v.version), against: null })} className={cn("flex w-full flex-wrap gap-x-2 px-3 py-1.5 text-left hover:bg-hover", v === shown && "bg-selected")}>
                      <span className="font-medium">Version {v.version}</span>
                      <span className="text-muted">by {v.createdBy}, <RelativeTime at={v.createdAt} /></span>
                    </button>
                  </li>
                ))}
              </ol>
              <MoreButton pages={pages} />
              {shown ? <Comparison shown={shown} older={older} versions={versions} onAgainst={(against) => void setUrl({ version: String(shown.version), against })} /> : null}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type ComparisonProps = { shown: PersonaVersion; older: PersonaVersion | undefined; versions: PersonaVersion[]; onAgainst: (version: string) => void };

function Comparison({ shown, older, versions, onAgainst }: ComparisonProps) {
  if (!shown.persona) return null;
  const before = older?.persona ? personaRows(older.persona) : undefined;
  const changed = before ? personaRows(shown.persona).map((row, i) => ({ ...row, from: before[i]?.text ?? "" })).filter((row) => row.from !== row.text) : [];
  return (
    <div>
      {versions.length > 1 ? (
        <label className="flex items-center gap-2 px-3 pt-3">
          <span className="whitespace-nowrap text-muted">Version {shown.version} against</span>
          <Select className="w-auto min-w-32" value={older ? String(older.version) : ""} onChange={(e) => onAgainst(e.target.value)}>
            {older ? null : <option value="">none</option>}
            {versions.filter((v) => v !== shown).map((v) => <option key={v.version} value={String(v.version)}>version {v.version}</option>)}
          </Select>
        </label>
      ) : null}
      {!before ? <PersonaText persona={shown.persona} /> : changed.length === 0 ? <p className="p-3 text-muted">These two versions say the same.</p> : (
        <dl className="grid gap-2.5 p-3">
          {changed.map((row) => <div key={row.name}><dt className="text-muted">{row.name}</dt><dd><WordDiff from={row.from} to={row.text} /></dd></div>)}
        </dl>
      )}
    </div>
  );
}
