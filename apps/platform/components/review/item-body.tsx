"use client";
import { ReviewService, ReviewState, type GetReviewResponse, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useCallback, useState } from "react";
import { CopyButton } from "@/components/panel/copy-button";
import { ProblemCard } from "@/components/panel/problem-notice";
import { PostPreview } from "@/components/post-preview/post-preview";
import { useShortcuts } from "@/components/shell/shortcuts";
import { useAccounts, useAgents } from "@/lib/fleet/use-fleet";
import { useTenant } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { DecisionBar } from "./decision-bar";
import { useDecisions } from "./decisions";
import { dropDraft, loadDraft, saveDraft } from "./draft";
import { EditForm } from "./edit-form";
import { Evidence } from "./evidence";
import { ItemHeader } from "./item-header";
import { ItemStatus } from "./item-status";
import { editOf, postOf, previewOf, withEdit, type Edit } from "./payload";
import { useLease } from "./use-lease";
import { WordsDialog, type Refusal } from "./words-dialog";

/** The platforms' own limits where the proposal does not say one. Characters. */
const DEFAULT_LIMIT = 300;

export function ItemBody({ data, review, onDone, onBack }: { data: GetReviewResponse; review: Review; onDone: () => void; onBack: () => void }) {
  const tenant = useTenant();
  const { may } = useSession();
  const decisions = useDecisions();
  const decision = decisions.of(review.id);
  const lease = useLease(review);
  const agent = useAgents().get(review.agentId);
  const account = useAccounts().get(review.accountId);
  const post = postOf(review.payloadJson);
  const preview = previewOf(data.proposalJson);
  const [edit, setEdit] = useState(() => loadDraft(tenant, review.id));
  const [refusal, setRefusal] = useState<Refusal>();

  const allowed = may(ReviewService.method.approveReview);
  const open = review.state === ReviewState.OPEN;
  const busy = decision?.phase === "waiting" || decision?.phase === "sending";
  const ready = allowed && open && !busy && !lease.other;

  const takeFirst = (then: () => void) => () => {
    if (!ready) return;
    // Whoever starts writing holds the item, so that nobody writes for nothing.
    if (!lease.mine) lease.claim();
    then();
  };
  const approve = () => {
    if (!ready || edit) return;
    decisions.approve([review]);
    onDone();
  };
  const startEdit = takeFirst(() => post && setEdit((old) => old ?? editOf(post)));
  const approveEdit = (e: Edit) => {
    if (!ready || !post) return;
    decisions.approve([review], JSON.stringify(withEdit(post, e)));
    onDone();
  };
  const discard = () => {
    dropDraft(tenant, review.id);
    setEdit(undefined);
  };
  const keep = useCallback((e: Edit) => {
    saveDraft(tenant, review.id, e);
    setEdit(e);
  }, [tenant, review.id]);
  const toggleLease = () => (lease.mine ? lease.release() : lease.claim());

  useShortcuts("This item", allowed ? [
    { keys: "a", label: edit ? "Approve (the edit has its own button)" : "Approve", run: approve },
    { keys: "e", label: "Edit, then approve", run: startEdit },
    { keys: "c", label: "Request changes", run: takeFirst(() => setRefusal("changes")) },
    { keys: "r", label: "Reject", run: takeFirst(() => setRefusal("reject")) },
    { keys: "l", label: lease.mine ? "Give back" : "Take", run: toggleLease },
    { keys: "z", label: "Undo the last approval", run: decisions.undoLast },
  ] : []);

  const shown = post && edit ? withEdit(post, edit) : post;
  return (
    <div className="@container flex min-h-full flex-col">
      <div className="grid flex-1 grid-cols-[minmax(0,1fr)] content-start gap-4 p-3 sm:p-4">
        <ItemHeader review={review} agent={agent?.name ?? ""} handle={account?.handle ?? ""} onBack={onBack} />
        <ItemStatus review={review} lease={lease} editing={edit !== undefined} />
        {decision?.phase === "failed" ? <ProblemCard problem={decision.problem} onRetry={() => decisions.clear(review.id)} /> : null}
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 @3xl:grid-cols-[minmax(0,1fr)_minmax(16rem,22rem)]">
          <div className="grid max-w-2xl gap-3">
            {shown ? <PostPreview post={shown} name={agent?.name ?? account?.handle ?? "?"} handle={account?.handle ?? ""} labels={preview?.labels ?? []} /> : <Raw json={review.payloadJson} />}
            {shown ? <PostFacts disclosure={preview?.disclosure} limit={preview?.limit} length={edit ? undefined : preview?.length} alts={(shown.media ?? []).map((m) => m.alt)} /> : null}
            {post && edit ? <EditForm post={post} start={edit} limit={preview?.limit || DEFAULT_LIMIT} canApprove={ready} onChange={keep} onApprove={approveEdit} onDiscard={discard} /> : null}
          </div>
          <Evidence data={data} />
        </div>
      </div>
      {allowed && open ? <DecisionBar ready={ready && !edit} canWrite={ready} canEdit={post !== undefined} leaseMine={lease.mine} onApprove={approve} onEdit={startEdit} onChanges={takeFirst(() => setRefusal("changes"))} onReject={takeFirst(() => setRefusal("reject"))} onLease={toggleLease} /> : null}
      {refusal ? <WordsDialog review={review} kind={refusal} onClose={() => setRefusal(undefined)} onDecided={() => { setRefusal(undefined); onDone(); }} /> : null}
    </div>
  );
}

function PostFacts({ disclosure, limit, length, alts }: { disclosure?: string; limit?: number; length?: number; alts: string[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs">
      <dt className="text-muted">Disclosure</dt><dd>{disclosure || "none"}</dd>
      {limit && length !== undefined ? <><dt className="text-muted">Length</dt><dd>{length} of {limit}</dd></> : null}
      {alts.map((alt, i) => <div key={i} className="contents"><dt className="text-muted">Alt text {alts.length > 1 ? i + 1 : ""}</dt><dd className={alt ? "" : "font-semibold text-bad"}>{alt || "missing"}</dd></div>)}
    </dl>
  );
}

function Raw({ json }: { json: string }) {
  return (
    <div className="grid gap-1">
      <div className="flex items-center justify-between text-muted">This item is no post; its content as it stands: <CopyButton value={json} label="content" /></div>
      <pre className="scroll-thin max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{json}</pre>
    </div>
  );
}
