/**
 * Text that Terraform leaves as it is: `${` and `%{` would begin an expression. References made by constructs
 * (`${TfToken[…]}`) stay expressions.
 */
export function literal(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, "$$${").replace(/%\{/g, "%%{");
}
