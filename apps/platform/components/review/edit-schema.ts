import { z } from "zod";
import { lengthOf } from "@/components/post-preview/payload";

export const editSchema = (limit: number, platform: string) => z.object({
  text: z.string().trim().min(1, "A post needs words.").refine((t) => lengthOf(t, platform) <= limit, `At most ${limit} characters.`),
  warning: z.string().max(500, "At most 500 characters."),
  alts: z.array(z.string().trim().min(1, "Describe the image for those who cannot see it.").max(2000, "At most 2,000 characters.")),
});
