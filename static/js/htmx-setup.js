/* How htmx behaves on every staff page: the CSRF token, cheap polls, lost connections, refused answers, focus.
   The statuses that swap are in the meta tag `htmx-config` of base.html. */
(() => {
  "use strict"
  const meta = name => document.querySelector(`meta[name="${name}"]`)?.content || ""
  const isPoll = config => !config.triggeringEvent && /\bevery\b/.test(config.elt.getAttribute("hx-trigger") || "")
  const urlOf = config => {
    const query = new URLSearchParams(config.parameters instanceof FormData ? config.parameters : Object.entries(config.parameters || {}))
    return query.size ? `${config.path}?${query}` : config.path
  }

  // --- CSRF, and the ETag of each polled address: pages are no-store, so the browser doesn't revalidate by itself.
  const etags = new Map()
  document.addEventListener("htmx:configRequest", event => {
    const {verb, headers, elt} = event.detail
    if (verb !== "get") headers["X-CSRFToken"] = meta("csrf-token")
    const config = {...event.detail, elt}
    if (isPoll(config)) headers["X-Poll"] = "1"  // a screen left alone is still idle
    if (verb === "get" && isPoll(config) && etags.has(urlOf(config))) headers["If-None-Match"] = etags.get(urlOf(config))
  })
  document.addEventListener("htmx:afterSwap", event => {
    const {requestConfig, xhr} = event.detail
    if (!requestConfig) return
    if (!isPoll(requestConfig)) etags.clear()  // something else may have replaced what the tag stood for
    const etag = xhr.getResponseHeader("ETag")
    if (etag && requestConfig.verb === "get") etags.set(urlOf(requestConfig), etag)
  })

  // --- Polls rest while nobody looks, and catch up when somebody does.
  document.addEventListener("htmx:beforeRequest", event => {
    if (document.hidden && isPoll(event.detail.requestConfig)) event.preventDefault()
  })
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return
    document.querySelectorAll('[hx-trigger*="every"][hx-trigger*="refresh"]').forEach(box => window.htmx.trigger(box, "refresh"))
  })

  // --- Lost connection: say so, keep what was typed, say nothing more when it is back.
  const offline = document.getElementById("offline")
  const say = lost => { if (offline && Boolean(offline.textContent) !== lost) offline.textContent = lost ? offline.dataset.text : "" }
  window.addEventListener("offline", () => say(true))
  window.addEventListener("online", () => say(false))
  document.addEventListener("htmx:sendError", () => say(true))
  document.addEventListener("htmx:timeout", () => say(true))
  document.addEventListener("htmx:afterRequest", event => {
    if (!event.detail.xhr?.status) return
    say(false)
    if (event.detail.xhr.status < 400) refreshAge(event.detail.target, event.detail.xhr)
  })

  // --- Age of the data: an unchanged answer (304) is fresh data, too.
  const wallClock = new Intl.DateTimeFormat("en-GB", {timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit"})
  const ageOf = new WeakMap()
  function refreshAge(target, xhr) {
    const box = target?.isConnected ? target : document.getElementById(target?.id)
    box?.querySelectorAll(".as-of").forEach(line => {
      ageOf.set(line, Date.now())
      line.classList.remove("is-stale")
      const time = line.querySelector("[data-as-of]"), at = Date.parse(xhr.getResponseHeader("Date") || "")
      if (xhr.status === 304 && time && at) {
        time.dateTime = new Date(at).toISOString()
        time.textContent = wallClock.format(at)
      }
    })
  }
  setInterval(() => document.querySelectorAll("[hx-trigger*='every'] .as-of, .as-of[data-polled]").forEach(line => {
    if (!ageOf.has(line)) ageOf.set(line, Date.now())
    line.classList.toggle("is-stale", Date.now() - ageOf.get(line) > 1000 * Number(line.dataset.staleAfter || 60))
  }), 5000)

  // --- A session that ended answers with the login page: go there instead of swapping it into a panel.
  document.addEventListener("htmx:beforeSwap", event => {
    const login = meta("login-url"), at = event.detail.xhr.responseURL
    if (login && at && new URL(at).pathname === login && location.pathname !== login) {
      event.detail.shouldSwap = false
      location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`)
    }
  })

  // --- A refused request that nobody asked for stays quiet; any other is told, with the number support asks for.
  document.addEventListener("htmx:responseError", event => {
    const {xhr, requestConfig, elt} = event.detail
    if (isPoll(requestConfig) || elt.closest("[data-quiet]")) return
    const words = document.getElementById("toasts")?.dataset
    if (!words) return
    const text = {403: words.denied, 404: words.denied, 429: words.busy}[xhr.status] || words.failed
    const request = xhr.status >= 500 ? xhr.getResponseHeader("X-Request-ID") : ""
    document.dispatchEvent(new CustomEvent("hotline:say", {detail: {text: request ? `${text} (${words.request} ${request})` : text, level: "error"}}))
  })

  // --- Focus goes to the error summary or to the heading that came in; a poll never takes it.
  function focusIn(root) {
    const spot = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]")
    if (!spot) return
    if (!spot.hasAttribute("tabindex") && !spot.matches("a, button, input, select, textarea")) spot.tabIndex = -1
    spot.focus()
  }
  document.addEventListener("htmx:afterSettle", event => {
    if (event.detail.requestConfig && !isPoll(event.detail.requestConfig)) focusIn(event.detail.elt)
  })
  focusIn(document)
})()
