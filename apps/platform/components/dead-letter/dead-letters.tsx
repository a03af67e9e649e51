"use client";
import { DeadLetterService } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { useQueryStates } from "nuqs";
import { letterParams, letterStates, lettersInput, type LetterState } from "@/app/t/[tenant]/dead-letters/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
import { usePages } from "@/lib/rpc/use-pages";
import { useSession } from "@/lib/session/use-session";
import { Letter } from "./letter";
import { LetterRow } from "./letter-row";

const words: Record<LetterState, string> = { open: "Open", replayed: "Replayed", discarded: "Discarded" };

/** Messages that could not be handled (R12.3): the list, and the one in hand. */
export function DeadLetters() {
  const [url, setUrl] = useQueryStates(letterParams);
  const { may } = useSession();
  const pages = usePages(DeadLetterService.method.listDeadLetters, lettersInput(url));
  const inspect = may(DeadLetterService.method.getDeadLetter);
  const shown = inspect ? url.letter : null;
  return (
    <Page title="Dead letters" facts="Messages that could not be handled. They wait here until a person replays or discards them.">
      <div role="group" aria-label="State" className="flex flex-wrap gap-1.5">
        {letterStates.map((s) => <Button key={s} aria-pressed={s === url.state} variant={s === url.state ? "primary" : "plain"} onClick={() => void setUrl({ state: s, letter: null })}>{words[s]}</Button>)}
      </div>
      <div className={cn("grid grid-cols-[minmax(0,1fr)] items-start gap-4", shown && "lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]")}>
        <Panel title={words[url.state]} className={cn(shown && "max-lg:hidden")}>
          <Loaded query={pages} skeleton={<Skeletons rows={6} />}>
            {(data) => {
              const letters = data.pages.flatMap((p) => p.letters);
              if (letters.length === 0) return <None state={url.state} />;
              return (
                <ul aria-label="Letters, newest first" className="divide-y divide-line">
                  {letters.map((l) => <LetterRow key={l.id} letter={l} current={l.id === shown} onOpen={inspect ? () => void setUrl({ letter: l.id }) : undefined} />)}
                </ul>
              );
            }}
          </Loaded>
          <MoreButton pages={pages} />
        </Panel>
        {shown ? <Letter key={shown} letterId={shown} onClose={() => void setUrl({ letter: null })} /> : null}
      </div>
    </Page>
  );
}

function None({ state }: { state: LetterState }) {
  if (state === "open") return <Empty title="No message is stuck">A message that fails again and again is kept here, so that it holds up nothing else.</Empty>;
  return <Empty title="None yet">Letters appear here once a person has {state} them.</Empty>;
}
