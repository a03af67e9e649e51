import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./classes";

const button = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-3.5 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-on-accent hover:bg-accent/90",
        plain: "border border-line bg-raised text-text hover:bg-hover",
        ghost: "text-text hover:bg-hover",
        good: "bg-ok text-surface hover:bg-ok/90",
        danger: "border border-bad/45 bg-raised text-bad hover:bg-bad-soft",
        stop: "bg-stop text-on-stop hover:bg-stop/90",
      },
      size: {
        sm: "h-7 px-2 text-xs",
        md: "h-8 px-3 text-sm",
        // A thumb's size on touch screens.
        lg: "h-11 px-4 text-base",
        icon: "size-8 [&_svg]:size-4",
      },
    },
    defaultVariants: { variant: "plain", size: "md" },
  },
);

type Props = ComponentProps<"button"> & VariantProps<typeof button> & { asChild?: boolean };

export function Button({ className, variant, size, asChild, type = "button", ...props }: Props) {
  const classes = cn(button({ variant, size }), className);
  return asChild ? <Slot.Root className={classes} {...props} /> : <button type={type} className={classes} {...props} />;
}
