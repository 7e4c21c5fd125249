/* Long selects become search boxes (ARIA combobox with a list): `<select data-combobox>`. The select keeps the value and
   sends it; what is typed finds options by their words (`data-words`), the note (`data-note`) stands beside the name.
   Another script sets the value as usual and dispatches `change`. No key acts during Chinese input. */
(() => {
  "use strict"
  const MOST = 40
  const plain = text => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "")
  const make = (tag, attributes) => {
    const element = document.createElement(tag)
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value))
    return element
  }

  function dress(select) {
    const hint = select.dataset.hint || ""
    const id = select.id, list = make("ul", {class: "combo-list", role: "listbox", id: `${id}_list`, hidden: ""})
    const label = document.querySelector(`label[for="${id}"]`)
    const input = make("input", {class: "form-control", type: "text", role: "combobox", id, autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": `${id}_list`, "aria-autocomplete": "list", placeholder: hint})
    const box = make("div", {class: "combo"})
    ;["aria-describedby", "data-key", "data-key-label"].forEach(name => { if (select.hasAttribute(name)) { input.setAttribute(name, select.getAttribute(name)); select.removeAttribute(name) } })
    if (select.classList.contains("is-invalid")) input.classList.add("is-invalid")
    if (select.getAttribute("form")) input.setAttribute("form", select.getAttribute("form"))
    if (label) list.setAttribute("aria-label", label.textContent.trim())
    select.id = `${id}_value`
    select.hidden = true
    select.replaceWith(box)
    box.append(input, list, select)

    const choices = [...select.options].filter(option => option.value).map(option => ({
      value: option.value, name: option.text, note: option.dataset.note || "",
      nameKey: plain(option.text), key: plain(`${option.text} ${option.dataset.words || ""}`),
    }))
    let shown = [], active = -1, composing = false
    const chosen = () => choices.find(choice => choice.value === select.value)
    const write = () => { input.value = chosen()?.name || "" }
    const isOpen = () => !list.hidden

    const rank = (choice, wanted) => choice.value.startsWith(wanted) ? 0 : choice.nameKey.startsWith(wanted) ? 1 : choice.nameKey.includes(wanted) ? 2 : 3
    function found(text) {
      const wanted = plain(text)
      if (!wanted || text === chosen()?.name) return choices.slice(0, MOST)
      return choices.filter(choice => choice.key.includes(wanted)).sort((a, b) => rank(a, wanted) - rank(b, wanted)).slice(0, MOST)
    }
    function mark(index) {
      active = index
      ;[...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)))
      const row = list.children[index]
      if (row && shown.length) { input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({block: "nearest"}) } else input.removeAttribute("aria-activedescendant")
    }
    function open() {
      shown = found(input.value)
      list.replaceChildren(...shown.map((choice, at) => {
        const row = make("li", {role: "option", id: `${id}_list_${at}`, "aria-selected": "false"}), name = document.createElement("span"), note = make("span", {class: "combo-note"})
        name.textContent = choice.name
        note.textContent = choice.note
        row.append(name, note)
        return row
      }))
      list.hidden = shown.length === 0
      input.setAttribute("aria-expanded", String(shown.length > 0))
      mark(shown.length && input.value ? Math.max(0, shown.findIndex(choice => choice.value === select.value)) : -1)
    }
    function close() {
      list.hidden = true
      input.setAttribute("aria-expanded", "false")
      mark(-1)
    }
    function pick(choice) {
      close()
      const changed = select.value !== (choice?.value || "")
      select.value = choice?.value || ""
      write()
      if (changed) select.dispatchEvent(new CustomEvent("change", {bubbles: true, detail: "by hand"}))
    }

    select.addEventListener("change", () => { if (document.activeElement !== input || !isOpen()) write() })
    input.addEventListener("compositionstart", () => { composing = true })
    input.addEventListener("compositionend", () => { composing = false; open() })
    input.addEventListener("input", event => { if (!composing && !event.isComposing) open() })
    input.addEventListener("focus", () => input.select())
    input.addEventListener("click", () => { if (!isOpen()) open() })
    input.addEventListener("keydown", event => {
      if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault()
        if (!isOpen()) return open()
        const step = event.key === "ArrowDown" ? 1 : -1
        mark((active + step + shown.length) % shown.length)
      } else if (event.key === "Enter" && isOpen()) {
        event.preventDefault()
        if (active >= 0) pick(shown[active]); else close()
      } else if (event.key === "Tab" && isOpen() && active >= 0 && input.value) {
        pick(shown[active])
      } else if (event.key === "Escape" && isOpen()) {
        event.preventDefault()
        close()
        write()
      }
    })
    input.addEventListener("blur", () => {
      if (isOpen()) close()
      if (!input.value.trim() && select.value) pick(null); else write()
    })
    list.addEventListener("mousedown", event => event.preventDefault())
    list.addEventListener("click", event => { const row = event.target.closest("li"); if (row) pick(shown[[...list.children].indexOf(row)]) })
    write()
  }
  const dressIn = root => root.querySelectorAll?.("select[data-combobox]:not([hidden])").forEach(dress)
  dressIn(document)
  document.addEventListener("htmx:afterSettle", event => dressIn(event.detail.elt))
})()
