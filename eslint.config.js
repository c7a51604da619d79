import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/vendor/"] },
  js.configs.recommended,
  {
    files: ["static/js/**/*.js"],
    languageOptions: { globals: { ...globals.browser, htmx: "readonly" }, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "eqeqeq": ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-implicit-globals": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ImportDeclaration[source.value=/^\\./]", message: 'Import by bare name ("app/x.js"): a second address would be a second copy.' },
        { selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]", message: "Build elements or let the server send them; markup from strings is how scripts get in." },
      ],
      "max-lines": ["error", { max: 300, skipBlankLines: true }],
    },
  },
];
