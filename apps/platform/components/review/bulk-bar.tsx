"use client";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/small";
import { useSession } from "@/lib/session/use-session";

type Props = { count: number; hurdle: string | undefined; onApprove: () => void; onClear: () => void };

export function BulkBar({ count, hurdle, onApprove, onClear }: Props) {
  const { may } = useSession();
  return (
    <div role="toolbar" aria-label="Selected items" className="flex items-center gap-2 border-t border-line bg-raised p-2 max-sm:[&_button]:h-11">
      <p role="status" className="min-w-0 flex-1 text-xs">{count} selected. {hurdle ? <span className="font-medium text-wait">{hurdle}</span> : null}</p>
      <Button size="sm" onClick={onClear}>Clear</Button>
      {may(ReviewService.method.approveReview) ? <Button size="sm" variant="good" disabled={hurdle !== undefined} onClick={onApprove}>Approve {count} <Kbd className="border-current bg-transparent text-current max-md:hidden">A</Kbd></Button> : null}
    </div>
  );
}
