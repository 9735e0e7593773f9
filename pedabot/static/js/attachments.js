// Files for a question: chosen or dropped, checked before they are sent, taken back one by one.
// The server checks again; without this file the plain field does all.
(function () {
  "use strict";

  const fieldOf = (form) => form.querySelector("input[type=file]");
  const decimal = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const sizeInWords = (field, size) =>
    (size < 1024 ? field.dataset.bytes : field.dataset.kilobytes).replace("{size}", decimal.format(size < 1024 ? size : size / 1024));

  // What is wrong with a file, in words; nothing if it may be sent.
  function fault(field, file) {
    const allowed = field.accept.split(",");
    const ending = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
    const said = (sentence) => sentence.replace("{name}", file.name);
    if (!allowed.includes(ending)) return said(field.dataset.wrongType);
    if (file.size > Number(field.dataset.largest)) return said(field.dataset.tooLarge);
    return file.size ? "" : said(field.dataset.empty);
  }

  function notify(text) {
    const notices = document.getElementById("notices");
    notices.textContent = "";
    if (!text) return;
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = text;
    notices.append(notice);
  }

  function announce(text) {
    document.getElementById("announcer").textContent = text;
  }

  // The files that the form will send, beside what was chosen in the field just now.
  const kept = new WeakMap();

  function keep(form, files) {
    const field = fieldOf(form);
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    field.files = transfer.files;
    kept.set(form, files);
    show(form, files);
  }

  function add(form, chosen) {
    const field = fieldOf(form);
    const before = kept.get(form) || [];
    const faults = chosen.map((file) => fault(field, file)).filter(Boolean);
    const good = chosen.filter((file) => !fault(field, file) && !before.some((other) => other.name === file.name && other.size === file.size));
    const most = Number(field.dataset.most);
    const files = [...before, ...good];
    if (files.length > most) faults.push(field.dataset.tooMany);
    keep(form, files.slice(0, most));
    notify(faults.join(" "));
    if (good.length && !faults.length) announce(field.dataset.added.replace("{name}", good.map((file) => file.name).join(", ")));
  }

  function show(form, files) {
    const list = form.querySelector(".chosen");
    list.replaceChildren(...files.map((file) => chip(form, file)));
    list.hidden = !files.length;
  }

  function chip(form, file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const size = document.createElement("span");
    const remove = document.createElement("button");
    name.className = "file-name";
    name.textContent = file.name;
    size.className = "muted";
    size.textContent = sizeInWords(fieldOf(form), file.size);
    remove.type = "button";
    remove.className = "remove";
    remove.textContent = "\u00d7";
    remove.setAttribute("aria-label", fieldOf(form).dataset.remove.replace("{name}", file.name));
    remove.addEventListener("click", () => {
      keep(form, kept.get(form).filter((other) => other !== file));
      notify("");
      form.querySelector("textarea").focus();
    });
    item.append(name, size, remove);
    return item;
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.composer").forEach((form) => {
      const field = fieldOf(form);
      form.classList.add("scripted");
      field.addEventListener("change", () => add(form, [...field.files]));
      // Chosen before this file had come, or kept by the browser over a reload.
      if (field.files.length) add(form, [...field.files]);
      form.addEventListener("dragover", (event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        form.classList.add("dropping");
      });
      form.addEventListener("dragleave", () => form.classList.remove("dropping"));
      form.addEventListener("drop", (event) => {
        if (!event.dataTransfer.files.length) return;
        event.preventDefault();
        form.classList.remove("dropping");
        add(form, [...event.dataTransfer.files]);
      });
    });
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.matches("form.composer")) keep(event.target, []);
  });
})();
