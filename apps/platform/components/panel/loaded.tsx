"use client";
import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/small";
import { ProblemNotice } from "./problem-notice";

type Query<T> = { data: T | undefined; error: unknown; refetch: () => unknown };

/**
 * Shows a query: a skeleton first, what is wrong if there is nothing to show, else the data. Data that could not be
 * refreshed stays; the connection state in the header says how old it is.
 */
export function Loaded<T>({ query, skeleton, children }: { query: Query<T>; skeleton?: ReactNode; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} className="m-3" />;
  return <div role="status" aria-label="Loading">{skeleton ?? <Skeletons />}</div>;
}

export function Skeletons({ rows = 6 }: { rows?: number }) {
  return <div className="grid gap-2 p-3">{Array.from({ length: rows }, (_, i) => <Skeleton key={i} className="h-9" />)}</div>;
}
