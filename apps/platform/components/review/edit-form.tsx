"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect } from "react";
import { useForm, useWatch } from "react-hook-form";
import { CopyButton } from "@/components/panel/copy-button";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
import { Field, Input, Textarea } from "@/components/ui/field";
import { Kbd } from "@/components/ui/small";
import Compare from "./compare";
import { editSchema } from "./edit-schema";
import { lengthOf, type Edit, type Post } from "@/components/post-preview/payload";

type Props = {
  post: Post;
  start: Edit;
  /** What a person last had before them; empty when nobody had. */
  lastReviewed: string;
  limit: number;
  /** False once the item cannot be approved any more: the words stay, to be copied. */
  canApprove: boolean;
  onChange: (edit: Edit) => void;
  onApprove: (edit: Edit) => void;
  onDiscard: () => void;
};

export default function EditForm({ post, start, lastReviewed, limit, canApprove, onChange, onApprove, onDiscard }: Props) {
  const form = useForm<Edit>({ resolver: zodResolver(editSchema(limit, post.platform)), defaultValues: start, mode: "onChange" });
  const text = useWatch({ control: form.control, name: "text" });
  const { subscribe, formState: { errors } } = form;
  useEffect(() => subscribe({ formState: { values: true }, callback: ({ values }) => onChange(values) }), [subscribe, onChange]);
  const length = lengthOf(text, post.platform);
  const submit = form.handleSubmit(onApprove);
  return (
    <form onSubmit={submit} noValidate className="grid gap-3 rounded-md border border-accent/40 bg-raised p-3">
      <Field label="Your edit" error={errors.text?.message} hint={<span className={cn(length > limit && "text-bad")}>{length} of {limit} characters</span>}>
        {(ids) => (
          <Textarea {...ids} rows={5} autoFocus className="field-sizing-content max-h-80" {...form.register("text")} onKeyDown={(e) => {
            if ((e.metaKey || e.ctrlKey) && e.key === "Enter" && canApprove) void submit();
            if (e.key === "Escape") e.currentTarget.blur();
          }} />
        )}
      </Field>
      {(post.media ?? []).map((m, i) => (
        <Field key={m.url} label={`Alt text of image ${i + 1}`} error={errors.alts?.[i]?.message}>{(ids) => <Textarea {...ids} rows={2} className="min-h-0" {...form.register(`alts.${i}`)} />}</Field>
      ))}
      {post.platform === "mastodon" ? <Field label="Content warning" hint="Empty for none." error={errors.warning?.message}>{(ids) => <Input {...ids} {...form.register("warning")} />}</Field> : null}
      <Compare lastReviewed={lastReviewed} proposed={post.text} edit={text} />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="good" disabled={!canApprove}>Approve my edit <Kbd className="border-current bg-transparent text-current">⌘↵</Kbd></Button>
        <Button onClick={onDiscard}>Discard edit</Button>
        <CopyButton value={text} label="your edit"><span className="text-xs">Copy</span></CopyButton>
      </div>
    </form>
  );
}
