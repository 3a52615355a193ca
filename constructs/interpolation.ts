/**
 * Escapes `${` and `%{`, with which Terraform would begin an expression. References made by constructs (`${TfToken[…]}`)
 * stay expressions.
 */
export function literal(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, "$$${").replace(/%\{/g, "%%{");
}
