import { Skeleton } from "@/components/ui/small";

export default function Loading() {
  return <div role="status" aria-label="Loading" className="grid gap-4 p-5"><Skeleton className="h-7 w-40" /><Skeleton className="h-24" /><Skeleton className="h-64" /></div>;
}
