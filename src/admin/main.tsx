import "uplot/dist/uPlot.min.css";
import "./style.css";
import "./checks/checks.css";
import "./configuration/configuration.css";
import "./errors/errors.css";
import "./generations/generations.css";
import "./routes/routes.css";
import { render } from "preact";
import { App } from "./app.tsx";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
