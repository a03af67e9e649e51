import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { DeadLetterService } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { DeadLetters } from "@/components/dead-letter/dead-letters";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { lettersInput, loadLetterParams } from "./params";

export const metadata: Metadata = { title: "Dead letters" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function DeadLettersPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadLetterParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      paged(DeadLetterService.method.listDeadLetters, lettersInput(url)),
      ...(url.letter ? [one(DeadLetterService.method.getDeadLetter, { letterId: url.letter })] : []),
    ]}>
      <DeadLetters />
    </Prefetched>
  );
}
