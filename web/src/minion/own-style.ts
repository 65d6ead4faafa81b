/**
 * The page's policy takes style sheets from files and from scripts, never from elements: what the terminal writes into
 * its style elements (`vite.config.ts` has it make these instead) becomes a sheet of the document while it stands there.
 */
class OwnStyle extends HTMLElement {
  private readonly sheet = new CSSStyleSheet()

  override get textContent(): string {
    return ''
  }
  override set textContent(text: string) {
    this.sheet.replaceSync(text)
  }
  connectedCallback(): void {
    document.adoptedStyleSheets.push(this.sheet)
  }
  disconnectedCallback(): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.sheet)
  }
}

export function defineOwnStyle(): void {
  if (!customElements.get('own-style')) customElements.define('own-style', OwnStyle)
}
