"use client";
import type { Member } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/small";
import { roleNames } from "@/lib/session/permissions";
import { useSession } from "@/lib/session/use-session";

export function MemberRow({ member, onChange, onRemove }: { member: Member; onChange: () => void; onRemove: () => void }) {
  const me = useSession().subject === member.subject;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <span className="min-w-0 flex-1 basis-56 break-words">
        <span className="font-medium">{member.name || member.email || member.subject}</span>{me ? <span className="text-muted"> (you)</span> : null}
        <span className="block text-xs text-muted">{[member.email, member.subject].filter(Boolean).join(" · ")}, member since <RelativeTime at={member.createdAt} /></span>
      </span>
      <Badge>{roleNames[member.role]}</Badge>
      <Button size="sm" onClick={onChange}>Change role…</Button>
      <Button size="sm" variant="danger" onClick={onRemove}>Remove…</Button>
    </li>
  );
}
