import * as z from "zod/mini";

const media = z.looseObject({
  url: z.string(),
  mime: z.optional(z.string()),
  alt: z._default(z.string(), ""),
  width: z.optional(z.number()),
  height: z.optional(z.number()),
});

/** The arguments of publisher.publish. Fields this app does not know are kept: an edit must not lose them. */
export const postSchema = z.looseObject({
  platform: z.string(),
  account_id: z.string(),
  text: z.string(),
  langs: z.nullish(z.array(z.string())),
  media: z.nullish(z.array(media)),
  content_warning: z.nullish(z.string()),
  visibility: z.nullish(z.string()),
  self_labels: z.nullish(z.array(z.string())),
  disclosure: z.nullish(z.looseObject({ ai_generated: z.optional(z.boolean()), method: z.optional(z.string()) })),
});
export type Post = z.infer<typeof postSchema>;
export type Media = z.infer<typeof media>;

const proposalSchema = z.looseObject({
  preview: z.nullish(z.looseObject({
    text: z.optional(z.string()),
    labels: z.nullish(z.array(z.string())),
    length: z.optional(z.number()),
    limit: z.optional(z.number()),
    disclosure: z.optional(z.string()),
  })),
});
export type Preview = NonNullable<z.infer<typeof proposalSchema>["preview"]>;

function parseJson<T>(schema: z.ZodMiniType<T>, json: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** Undefined when the item is no post: it is then shown as it is. */
export const postOf = (payloadJson: string) => parseJson(postSchema, payloadJson);
export const previewOf = (proposalJson: string): Preview | undefined => parseJson(proposalSchema, proposalJson)?.preview ?? undefined;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** On Mastodon every link counts as this many characters, however long it is. */
const MASTODON_LINK = "x".repeat(23);

/** As the platforms count: by what a reader sees as one character. */
export function lengthOf(text: string, platform: string): number {
  const counted = platform === "mastodon" ? text.replace(/https?:\/\/\S+/g, MASTODON_LINK) : text;
  return [...graphemes.segment(counted)].length;
}

export type Edit = { text: string; warning: string; alts: string[] };

export const editOf = (post: Post): Edit => ({ text: post.text, warning: post.content_warning ?? "", alts: (post.media ?? []).map((m) => m.alt) });

/** The whole payload with the edit in it, as ApproveReview takes it. */
export function withEdit(post: Post, edit: Edit): Post {
  const edited: Post = { ...post, text: edit.text };
  if (post.media) edited.media = post.media.map((m, i) => ({ ...m, alt: edit.alts[i] ?? m.alt }));
  if (edit.warning !== (post.content_warning ?? "")) edited.content_warning = edit.warning;
  return edited;
}
