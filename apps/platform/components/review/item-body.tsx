"use client";
import { ReviewService, ReviewState, type GetReviewResponse, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { lazy, Suspense, useCallback, useState } from "react";
import { ProblemCard } from "@/components/panel/problem-notice";
import { PostPreview } from "@/components/post-preview/post-preview";
import { Skeleton } from "@/components/ui/small";
import { useUndo } from "@/components/undo/undo";
import { useTenant } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { DecisionBar } from "./decision-bar";
import { dropDraft, loadDraft, saveDraft } from "./draft";
import { Evidence } from "./evidence";
import { ItemHeader } from "./item-header";
import { ItemStatus } from "./item-status";
import { editOf, postOf, previewOf, withEdit, type Edit } from "@/components/post-preview/payload";
import { PostFacts } from "./post-facts";
import { RawContent } from "./raw-content";
import { useApprove } from "./use-approve";
import { useItemKeys } from "./use-item-keys";
import { useLease } from "./use-lease";
import { useWake } from "./use-wake";
import type { Refusal } from "./words-dialog";

const Compare = lazy(() => import("./compare"));
const EditForm = lazy(() => import("./edit-form"));
const SnoozeDialog = lazy(() => import("./snooze-dialog"));
const WordsDialog = lazy(() => import("./words-dialog"));

/** The platforms' own limits where the proposal does not say one. Characters. */
const DEFAULT_LIMIT = 300;

type Props = { data: GetReviewResponse; review: Review; onDone: () => void; onBack: () => void };

export function ItemBody({ data, review, onDone, onBack }: Props) {
  const tenant = useTenant();
  const { may } = useSession();
  const undo = useUndo();
  const approveLater = useApprove();
  const decision = undo.of(review.id);
  const lease = useLease(review);
  const { snoozed, wake } = useWake(review);
  const post = postOf(review.payloadJson);
  const preview = previewOf(data.proposalJson);
  const [edit, setEdit] = useState(() => loadDraft(tenant, review.id));
  const [asked, setAsked] = useState<Refusal | "snooze">();

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
  const discard = () => {
    dropDraft(tenant, review.id);
    setEdit(undefined);
  };
  const keep = useCallback((e: Edit) => {
    saveDraft(tenant, review.id, e);
    setEdit(e);
  }, [tenant, review.id]);
  const approveEdit = (e: Edit) => {
    if (!ready || !post) return;
    // The words are dropped once they are taken, not before: a refusal must not lose them.
    approveLater([review], { json: JSON.stringify(withEdit(post, e)), onTaken: discard });
    onDone();
  };
  const acts = {
    approve: () => {
      if (!ready || edit) return;
      approveLater([review]);
      onDone();
    },
    edit: takeFirst(() => post && setEdit((old) => old ?? editOf(post))),
    changes: takeFirst(() => setAsked("changes")),
    reject: takeFirst(() => setAsked("reject")),
    snooze: () => ready && (snoozed ? wake() : setAsked("snooze")),
    lease: () => (lease.mine ? lease.release() : lease.claim()),
    undo: undo.undoLast,
  };
  // Off from the press on, not from when the dialog has loaded: what is typed meanwhile is words, not decisions.
  useItemKeys(acts, { allowed: allowed && asked === undefined, editing: edit !== undefined, leaseMine: lease.mine, snoozed });

  const shown = post && edit ? withEdit(post, edit) : post;
  const close = () => setAsked(undefined);
  const done = () => {
    close();
    onDone();
  };
  return (
    <div className="@container flex min-h-full flex-col">
      <div className="grid flex-1 grid-cols-[minmax(0,1fr)] content-start gap-4 p-3 sm:p-4">
        <ItemHeader review={review} onBack={onBack} />
        <ItemStatus review={review} lease={lease} editing={edit !== undefined} />
        {decision?.phase === "failed" ? <ProblemCard problem={decision.problem} onRetry={() => undo.clear(review.id)} /> : null}
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-6 gap-y-4 @3xl:grid-cols-[minmax(0,1fr)_minmax(16rem,22rem)]">
          <div className="grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-3">
            {shown ? <PostPreview post={shown} name={review.agentName || review.accountHandle || "?"} handle={review.accountHandle} labels={preview?.labels ?? []} /> : <RawContent json={review.payloadJson} />}
            {shown ? <PostFacts disclosure={preview?.disclosure} limit={preview?.limit} length={edit ? undefined : preview?.length} alts={(shown.media ?? []).map((m) => m.alt)} /> : null}
            <Suspense fallback={<Skeleton className="h-24" />}>
              {post && !edit && review.lastReviewedText ? <Compare lastReviewed={review.lastReviewedText} proposed={post.text} edit={undefined} /> : null}
              {post && edit ? <EditForm post={post} start={edit} lastReviewed={review.lastReviewedText} limit={preview?.limit || DEFAULT_LIMIT} canApprove={ready} onChange={keep} onApprove={approveEdit} onDiscard={discard} /> : null}
            </Suspense>
          </div>
          <Evidence data={data} />
        </div>
      </div>
      {allowed && open ? (
        <DecisionBar
          ready={ready && !edit} canWrite={ready} canEdit={post !== undefined} leaseMine={lease.mine} snoozed={snoozed}
          onApprove={acts.approve} onEdit={acts.edit} onChanges={acts.changes} onReject={acts.reject} onSnooze={acts.snooze} onLease={acts.lease}
        />
      ) : null}
      <Suspense>
        {asked === "snooze" ? <SnoozeDialog review={review} onClose={close} onSnoozed={done} /> : null}
        {asked === "reject" || asked === "changes" ? <WordsDialog review={review} kind={asked} onClose={close} onDecided={done} /> : null}
      </Suspense>
    </div>
  );
}
