# SPDX-License-Identifier: MPL-2.0
#
# man.awk - a manual page from a public header, so that there is one text.
#
#     awk -v page=troika_queue -v version=0.1.0 -f man.awk queue.h
#
# The comment that opens the header is the description; each comment above
# functions describes them, with lends:, gives:, takes:, thread: and
# returns: as its tagged last lines. What else is declared goes into the
# synopsis as it stands.

function escape (text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/…/, "...", text)
    return text ~ /^[.']/ ? "\\&" text : text
}

# troika_foo() in bold.
function prose (text,    out) {
    text = escape(text)
    out = ""
    while (match(text, /troika_[a-z0-9_]+\(\)/)) {
        out = out substr(text, 1, RSTART - 1) "\\fB" \
            substr(text, RSTART, RLENGTH - 2) "\\fR()"
        text = substr(text, RSTART + RLENGTH)
    }
    return out text
}

function verbatim (text,    lines, n, i, out) {
    n = split(text, lines, "\n")
    out = ".nf\n"
    for (i = 1; i <= n; i++)
        out = out escape(lines[i]) "\n"
    return out ".fi\n"
}

# The lines of a comment: paragraphs, tables (indented), tagged ends.
function body (text,    lines, n, i, line, out, table) {
    n = split(text, lines, "\n")
    out = ""
    table = 0
    for (i = 1; i <= n; i++) {
        line = lines[i]
        if (table && line !~ /^   /) {
            out = out ".fi\n.RE\n"
            table = 0
        }
        if (line == "") {
            if (i < n && lines[i + 1] !~ /^([a-z]+: |   )/)
                out = out ".PP\n"
        } else if (match(line, /^(lends|gives|takes|thread|returns): +/)) {
            out = out ".TP\n.B " substr(line, 1, index(line, ":") - 1) "\n" \
                prose(substr(line, RLENGTH + 1)) "\n"
            tagged = 1
        } else if (line ~ /^   / && !tagged) {
            if (!table)
                out = out ".RS\n.nf\n"
            table = 1
            out = out escape(substr(line, 2)) "\n"
        } else {
            sub(/^ +/, "", line)
            out = out prose(line) "\n"
        }
    }
    if (table)
        out = out ".fi\n.RE\n"
    tagged = 0
    return out
}

# What is under a comment is complete: functions, or something else.
function finish (    names) {
    if (comment == "" && code == "")
        return
    if (functions != "") {
        described = described ".SS " functions "\n" \
            verbatim(substr(code, 2)) ".PP\n" body(comment)
        synopsis = synopsis substr(code, 2) "\n"
    } else if (code != "")
        types = types (comment == "" ? "" : "/* " oneline(comment) " */\n") \
            substr(code, 2) "\n\n"
    comment = code = functions = ""
}

function oneline (text) {
    gsub(/\n/, "\n * ", text)
    return text
}

function read_comment (    line, text) {
    line = $0
    sub(/^ *\/\*+ ?/, "", line)
    text = ""
    while (line !~ /\*\//) {
        text = text "\n" line
        if ((getline line) <= 0)
            break
        sub(/^ \*\/$/, "*/", line)
        sub(/^ \* ?/, "", line)
    }
    sub(/ *\*\/.*/, "", line)
    text = text "\n" line
    gsub(/^\n+|\n+$/, "", text)
    return text
}

/^\/\* SPDX/ { next }
/^#(ifndef|ifdef|if|else|endif|define TROIKA_[A-Z]*_H$|define TROIKA_EXPORT)/ {
    finish()
    next
}
/^#include/ { includes = includes $0 "\n"; next }
/^extern "C"|^}$/ && !depth { next }
/^\/\*/ {
    text = read_comment()
    if (!opened++) {
        head = text
        next
    }
    finish()
    comment = text
    next
}
/^$/ {
    if (code != "" && !depth)
        finish()
    else if (depth)
        code = code "\n"
    next
}
{
    line = $0
    depth += gsub(/{/, "{", line) - gsub(/}/, "}", line)
    if (sub(/^TROIKA_EXPORT /, "", line)) {
        exported = 1
        moved = index(line, "(")
    }
    else if (moved)
        sub(/^              /, "", line) # the width of TROIKA_EXPORT
    if (line ~ /;$/)
        moved = 0
    sub(/ *__attribute__.*\)\)/, "", line)
    if (exported && match(line, /troika_[a-z0-9_]+ \(/)) {
        name = substr(line, RSTART, RLENGTH - 2)
        functions = functions (functions == "" ? "" : ", ") name
        exported = 0
    }
    code = code "\n" line
}

END {
    finish()
    n = split(head, lines, "\n")
    title = lines[1]
    sub(/^[a-z_]+\.h - /, "", title)
    rest = ""
    for (i = 2; i <= n; i++)
        if (lines[i] == "" || rest != "" || title ~ /\.$/)
            rest = rest lines[i] "\n"
        else
            title = title " " lines[i]
    sub(/\.$/, "", title)
    sub(/^\n+/, "", rest)
    file = page
    sub(/^troika_/, "", file)
    printf ".\\\" made from %s by man.awk\n", FILENAME
    printf ".TH %s 3 \"\" \"troika %s\" \"Troika\"\n", toupper(page), version
    printf ".SH NAME\n%s \\- %s\n", page, prose(title)
    printf ".SH SYNOPSIS\n.nf\n#include <%s>\n.PP\n", \
        page == "troika" ? "troika.h" : "troika/" file ".h"
    if (page == "troika")
        printf "%s", escape(includes)
    printf "%s.fi\n", escape(types)
    printf ".nf\n%s.fi\n.PP\ncc app.c $(pkg\\-config \\-\\-cflags \\-\\-libs troika)\n", \
        escape(synopsis)
    if (rest != "")
        printf ".SH DESCRIPTION\n%s", body(rest)
    if (described != "")
        printf ".SH FUNCTIONS\n%s", described
    printf ".SH SEE ALSO\n.BR troika (3)"
    if (page == "troika")
        printf "\n.PP\nOne page for each header:\n.BR troika_base (3)\nand so on."
    printf "\n"
}
