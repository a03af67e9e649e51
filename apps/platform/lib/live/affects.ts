import { ChangeKind } from "@chimera/gen/chimera/platform/v1/event_service_pb";

// Names, not descriptors: the frame must not load every service to know which of their answers are old.
const affects: Record<ChangeKind, readonly string[]> = {
  [ChangeKind.UNSPECIFIED]: [],
  [ChangeKind.REVIEW]: ["Review", "System", "Plan", "Campaign", "Agent"],
  [ChangeKind.CAMPAIGN]: ["Campaign", "Plan", "Calendar", "Agent", "System"],
  [ChangeKind.TASK]: ["Plan", "Campaign", "Calendar", "Agent", "System"],
  [ChangeKind.POST]: ["Post", "Calendar", "Agent", "System"],
  [ChangeKind.EFFECT]: ["Post", "System"],
  [ChangeKind.AGENT]: ["Agent"],
  [ChangeKind.ACCOUNT]: ["Account", "Agent", "System"],
  [ChangeKind.STOP]: ["Stop"],
  [ChangeKind.DEAD_LETTER]: ["DeadLetter", "System"],
  [ChangeKind.TOOL]: ["Tool", "System"],
  [ChangeKind.POLICY]: ["Policy"],
  [ChangeKind.MEMBER]: ["Member", "Session"],
  [ChangeKind.AUDIT]: ["Audit"],
};

/** The services whose answers a change makes old, as they stand in query keys. */
export function servicesOf(kinds: Iterable<ChangeKind>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const kind of kinds) {
    for (const name of affects[kind] ?? []) names.add(`chimera.platform.v1.${name}Service`);
  }
  return names;
}
