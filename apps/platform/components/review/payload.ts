import { z } from "zod";

const media = z.looseObject({
  url: z.string(),
  mime: z.string().optional(),
  alt: z.string().default(""),
  width: z.number().optional(),
  height: z.number().optional(),
});

/** The arguments of publisher.publish. Fields this app does not know are kept: an edit must not lose them. */
export const postSchema = z.looseObject({
  platform: z.string(),
  account_id: z.string(),
  text: z.string(),
  langs: z.array(z.string()).nullish(),
  media: z.array(media).nullish(),
  content_warning: z.string().nullish(),
  visibility: z.string().nullish(),
  self_labels: z.array(z.string()).nullish(),
  disclosure: z.looseObject({ ai_generated: z.boolean().optional(), method: z.string().optional() }).nullish(),
});
export type Post = z.infer<typeof postSchema>;
export type Media = z.infer<typeof media>;

const proposalSchema = z.looseObject({
  preview: z.looseObject({
    text: z.string().optional(),
    labels: z.array(z.string()).nullish(),
    length: z.number().optional(),
    limit: z.number().optional(),
    disclosure: z.string().optional(),
  }).nullish(),
});
export type Preview = NonNullable<z.infer<typeof proposalSchema>["preview"]>;

function parseJson<T>(schema: z.ZodType<T>, json: string): T | undefined {
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

export const editSchema = (limit: number, platform: string) => z.object({
  text: z.string().trim().min(1, "A post needs words.").refine((t) => lengthOf(t, platform) <= limit, `At most ${limit} characters.`),
  warning: z.string().max(500, "At most 500 characters."),
  alts: z.array(z.string().trim().min(1, "Describe the image for those who cannot see it.").max(2000, "At most 2,000 characters.")),
});
