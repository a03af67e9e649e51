"use client";
import { useQuery } from "@connectrpc/connect-query";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { Loaded } from "@/components/panel/loaded";
import { Skeleton } from "@/components/ui/small";
import { ItemBody } from "./item-body";

type Props = { reviewId: string; onDone: () => void; onBack: () => void };

/** One item with all its evidence, read again when it changes so that others' decisions show. */
export function Item({ reviewId, onDone, onBack }: Props) {
  const query = useQuery(ReviewService.method.getReview, { reviewId });
  return (
    <Loaded query={query} skeleton={<div className="grid gap-3 p-4"><Skeleton className="h-6 w-1/2" /><Skeleton className="h-16" /><Skeleton className="h-44" /><Skeleton className="h-24" /></div>}>
      {(data) => (data.review ? <ItemBody key={data.review.id} data={data} review={data.review} onDone={onDone} onBack={onBack} /> : null)}
    </Loaded>
  );
}
