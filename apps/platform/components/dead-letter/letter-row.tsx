import type { DeadLetter } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { RelativeTime } from "@/components/panel/relative-time";
import { deadLetterStates } from "@/components/state/dead-letter";
import { StateBadge } from "@/components/state/state-badge";
import { cn } from "@/components/ui/classes";
import { bytes } from "./bytes";

type Props = { letter: DeadLetter; current: boolean; onOpen: (() => void) | undefined };

/** Without onOpen (a viewer may not read contents) the row only tells. */
export function LetterRow({ letter, current, onOpen }: Props) {
  const body = (
    <>
      <span className="flex flex-wrap items-center gap-2">
        <strong className="font-medium">{letter.queue} message</strong>
        <StateBadge look={deadLetterStates[letter.state]} />
        <span className="flex-1" />
        <span className="text-xs text-muted">{bytes(letter.sizeBytes)} · <RelativeTime at={letter.createdAt} /></span>
      </span>
      <span className="line-clamp-2 break-words text-muted">{letter.reason}</span>
    </>
  );
  const shape = "grid w-full gap-0.5 px-3 py-2 text-left";
  return (
    <li>
      {onOpen
        ? <button type="button" aria-current={current ? "true" : undefined} onClick={onOpen} className={cn(shape, "hover:bg-hover", current && "bg-selected")}>{body}</button>
        : <div className={shape}>{body}</div>}
    </li>
  );
}
