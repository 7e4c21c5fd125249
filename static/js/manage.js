// Long selects of /manage/ get a box above them that narrows the list. Without script the plain select works.
document.querySelectorAll("select[data-find]").forEach(select => {
  if (select.options.length < 15) return
  const box = document.createElement("input")
  box.type = "search"
  box.className = "form-control find-box"
  box.placeholder = select.dataset.find
  box.setAttribute("aria-label", select.dataset.find)
  box.autocomplete = "off"
  select.before(box)
  const options = [...select.options]
  const narrow = () => {
    const text = box.value.trim().toLowerCase()
    options.forEach(option => {
      const words = `${option.value} ${option.textContent}`.toLowerCase()
      const shown = !text || !option.value || option.selected || words.includes(text)
      option.hidden = option.disabled = !shown
    })
    const first = options.find(option => option.value && !option.hidden && text)
    if (first && !select.multiple && !select.value) select.value = first.value
  }
  box.addEventListener("input", event => { if (!event.isComposing) narrow() })
  box.addEventListener("compositionend", narrow)
  box.addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    select.focus()
  })
})
